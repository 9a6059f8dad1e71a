import type { Interval } from '../../src/candles/interval.ts'
import { CANDLE_COLUMNS, type CandleSeries } from '../../src/candles/series.ts'
import { makeSyntheticSeries } from '../../src/candles/synthetic.ts'
import { createRandomStream } from '../../src/math/random.ts'
import { createSha256 } from '../sha256.ts'
import type { CandleArchive } from './archive.ts'
import { hashColumns } from './arrow-file.ts'

/** What the sample is: synthetic, and named so that nobody takes it for a market. */
export interface SampleData {
  readonly symbols: readonly string[]
  readonly interval: Interval
  readonly days: number
  readonly seed: string
  readonly synthetic: true
}

const SEED = 'hotcell-sample/1'
const DAYS = 450
/** 2024-01-01T00:00Z. */
const START = 1_704_067_200_000

const MARKETS = [
  { symbol: 'SYN-BTC', price: 40_000, tick: 0.01, volatility: 0.0055, drift: 0.00003, volume: 900 },
  { symbol: 'SYN-ETH', price: 2200, tick: 0.01, volatility: 0.0068, drift: 0.00002, volume: 9000 },
  { symbol: 'SYN-SOL', price: 95, tick: 0.001, volatility: 0.0085, drift: 0.00004, volume: 80_000 },
] as const

/** The sample series, the same bytes on every machine. */
export function makeSampleSeries(): CandleSeries[] {
  return MARKETS.map((market) =>
    makeSyntheticSeries({
      ...market,
      interval: '1h',
      start: START,
      rows: DAYS * 24,
      random: createRandomStream({ seed: SEED, label: market.symbol, createHasher: createSha256 }),
    }),
  )
}

/** Writes the sample candles as spot series; those that are there already with the same content are left alone. */
export async function writeSampleCandles(archive: CandleArchive): Promise<SampleData> {
  const stored = new Map<string, string | null>()
  for (const one of await archive.list()) {
    if (one.market === 'spot' && one.interval === '1h') stored.set(one.symbol, one.sha256)
  }
  for (const series of makeSampleSeries()) {
    const sha256 = hashColumns(CANDLE_COLUMNS.map((name) => series[name]))
    if (stored.get(series.symbol) !== sha256) await archive.write('spot', series)
  }
  return { symbols: MARKETS.map((market) => market.symbol), interval: '1h', days: DAYS, seed: SEED, synthetic: true }
}
