import type { CandleArchive } from '../../orchestrator-service/candles/archive.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import { randomStream } from '../../src/math/random.ts'

/** Symbols of the generated candles: `CALM` for ordinary runs, `WIDE` with more bytes than all pipes to a cell hold. */
export const CALM = 'CALMUSDT'
export const WIDE = 'WIDEUSDT'
const START = Date.UTC(2024, 0, 1)
const HOUR = 3_600_000

function generate(symbol: string, rows: number, seed: number): CandleSeries {
  const random = randomStream(Uint32Array.of(seed, 2, 3, 4))
  const column = (): Float64Array => new Float64Array(rows)
  const series = {
    symbol,
    interval: '1h' as const,
    rows,
    time: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
  let price = 100
  for (let i = 0; i < rows; i++) {
    const open = price
    // Slow waves, so that the means cross a few dozen times, and noise that a seed repeats.
    const wave = Math.trunc(i / 40) % 2 === 0 ? 0.004 : -0.004
    price = open * (1 + wave + (random() - 0.5) * 0.01)
    series.time[i] = START + i * HOUR
    series.open[i] = open
    series.close[i] = price
    series.high[i] = Math.max(open, price) * 1.001
    series.low[i] = Math.min(open, price) * 0.999
    series.volume[i] = 10 + random() * 10
  }
  return series
}

const ROWS = { [CALM]: { rows: 2000, seed: 1 }, [WIDE]: { rows: 250_000, seed: 2 } } as const
const generated = new Map<string, CandleSeries>()

/** Puts one of the generated series into an archive. */
export async function writeAttackCandles(archive: CandleArchive, symbol: typeof CALM | typeof WIDE): Promise<void> {
  const series = generated.get(symbol) ?? generate(symbol, ROWS[symbol].rows, ROWS[symbol].seed)
  generated.set(symbol, series)
  await archive.write('spot', series)
}
