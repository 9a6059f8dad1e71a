import { readFileSync } from 'node:fs'
import { CANDLE_COLUMNS, type CandleSeries } from '../../../src/candles/series.ts'

/** Minute bars from a file of six float64 columns behind each other, on shared memory as a cell has them. */
export function readCandles(file: string, symbol: string): CandleSeries {
  const bytes = readFileSync(file)
  const memory = new SharedArrayBuffer(bytes.length)
  new Uint8Array(memory).set(bytes)
  const rows = bytes.length / 8 / CANDLE_COLUMNS.length
  const [time, open, high, low, close, volume] = CANDLE_COLUMNS.map(
    (_, column) => new Float64Array(memory, column * rows * 8, rows),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
  return { symbol, interval: '1m', rows, time, open, high, low, close, volume }
}
