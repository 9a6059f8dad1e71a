import { Resampler } from '../../../src/candles/resample.ts'
import type { Stores } from '../../../orchestrator-service/deps.ts'
import { gappedSeries } from '../gapped-series.ts'
import { makePerpetual } from '../sample-perpetual.ts'
import { makeWalk } from '../sample-series.ts'

/** Candles of proofs; each `run` has symbols and prices of its own. */
export const ROWS = 600

export const symbolsOf = (run: number) => ({ one: `ONE${run}`, late: `LATE${run}` })

/** Candles with gaps, and some that begin in the middle of the window. */
export async function writeSpot({ archive }: Stores, run: number): Promise<void> {
  const { one, late } = symbolsOf(run)
  const without = (row: number) => row % 41 === run % 41 && row > 0 && row < ROWS - 1
  await archive.write('spot', gappedSeries({ symbol: one, rows: ROWS, seed: 2 * run + 1, without }))
  await archive.write('spot', gappedSeries({ symbol: late, rows: ROWS / 2, seed: 2 * run + 2, start: ROWS / 4 + run }))
}

/** Bars of 2 hours, and those of 15 minutes that they are made of. */
export async function writeDetail({ archive }: Stores, run: number): Promise<void> {
  const { one } = symbolsOf(run)
  const detail = makeWalk({ symbol: one, rows: 8 * ROWS, interval: '15m', seed: run + 7 })
  const bars = new Resampler({ source: detail, base: '15m', interval: '2h', length: ROWS })
  for (let row = 0; row < detail.rows; row++) bars.take(row)
  await archive.write('spot', detail)
  await archive.write('spot', { symbol: one, interval: '2h', rows: ROWS, ...bars.columns })
}

/** Bars of 4 hours with marks of their own and a funding row for every second of them. */
export async function writePerpetual(stores: Stores, run: number): Promise<void> {
  const { one: symbol } = symbolsOf(run)
  const candles = makeWalk({ symbol, rows: ROWS, interval: '4h', seed: run + 3 })
  const shift = (column: Float64Array) => column.map((value, row) => value * (1 + 0.001 * ((row % 3) - 1)))
  const { open, high, low, close } = candles
  const marks = {
    open: shift(open),
    close: shift(close),
    high: high.map((v) => v * 1.002),
    low: low.map((v) => v * 0.998),
  }
  const time = candles.time.filter((_, row) => row % 2 === 0)
  const rate = time.map((_, row) => 0.0001 * ((row % 5) - 1))
  await stores.archive.write('perpetual', candles)
  await stores.marks.write('perpetual', { ...candles, ...marks })
  await stores.funding.write({ symbol, rows: time.length, time, rate, mark: rate.map(() => Number.NaN) })
  const known = (await stores.instruments.load())?.instruments ?? []
  const instrument = makePerpetual(symbol, { tick: '0.01', step: '0.001' })
  await stores.instruments.write({ version: 'test', instruments: [...known, instrument] })
}
