import type { RandomStream } from '../math/random.ts'
import { slotOf, slotOpen, type Interval } from './interval.ts'
import type { CandleSeries } from './series.ts'

export interface SyntheticOptions {
  readonly symbol: string
  readonly interval: Interval
  /** Open of the first bar, ms UTC, on the grid. */
  readonly start: number
  readonly rows: number
  readonly price: number
  /** Price step, 1/k for a whole k; every price is a whole number of steps, at least one. */
  readonly tick: number
  /** Typical move of one bar as a share of the price, and drift a bar. */
  readonly volatility: number
  readonly drift: number
  /** Typical volume of a bar. */
  readonly volume: number
  /** Uniform in [0, 1); the only source of chance. */
  readonly random: RandomStream
}

/** Nearly normal, mean 0, deviation 1: the sum of 12 uniform numbers less 6 (Irwin–Hall). */
function drawNormal(random: RandomStream): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random()
  return sum
}

/**
 * Candles that look like a market and are none: a multiplicative random walk whose volatility clusters (it follows the
 * size of recent moves and reverts to its mean) and whose drift changes sign in phases of random length. Deterministic for a random stream; opens
 * continue at the last close, as on a 24/7 market.
 */
export function makeSyntheticSeries(options: SyntheticOptions): CandleSeries {
  const { symbol, interval, rows, tick, random } = options
  const column = (): Float64Array => new Float64Array(rows)
  const series = {
    symbol,
    interval,
    rows,
    time: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
  const ticks = Math.round(1 / tick)
  const toTick = (price: number): number => Math.max(1, Math.round(price * ticks)) / ticks
  const firstSlot = slotOf(interval, options.start)
  let price = toTick(options.price)
  let heat = 1
  let phase = 0
  let trend = 0
  for (let i = 0; i < rows; i++) {
    if (phase === 0) {
      phase = 24 + Math.floor(random() * 480)
      trend = (random() - 0.45) * options.volatility * 0.12 + options.drift
    }
    phase--
    const shock = drawNormal(random)
    const scale = options.volatility * heat
    const close = toTick(price * (1 + Math.max(-0.2, Math.min(0.2, trend + scale * shock))))
    const reach = price * scale * 0.6
    const high = toTick(Math.max(price, close) + reach * random())
    const low = toTick(Math.min(price, close) - reach * random())
    series.time[i] = slotOpen(interval, firstSlot + i)
    series.open[i] = price
    series.high[i] = Math.max(high, price, close)
    series.low[i] = Math.min(low, price, close)
    series.close[i] = close
    series.volume[i] = Math.round(options.volume * heat * (0.3 + random() + Math.abs(shock)) * 1000) / 1000
    price = close
    heat = Math.min(4, 0.1 + 0.8 * heat + 0.125 * Math.abs(shock))
  }
  return series
}
