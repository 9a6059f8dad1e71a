import { intervalMs, type Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'

/** A seeded walk of closes with bars around it. */
export function makeWalk(options: { symbol: string; rows: number; interval?: Interval; seed?: number }): CandleSeries {
  const { symbol, rows, interval = '1h', seed = 1 } = options
  const step = intervalMs(interval)!
  const memory = new ArrayBuffer(rows * 48)
  const column = (index: number) => new Float64Array(memory, index * rows * 8, rows)
  const [time, open, high, low, close, volume] = [0, 1, 2, 3, 4, 5].map(column) as [
    Float64Array<ArrayBuffer>,
    Float64Array<ArrayBuffer>,
    Float64Array<ArrayBuffer>,
    Float64Array<ArrayBuffer>,
    Float64Array<ArrayBuffer>,
    Float64Array<ArrayBuffer>,
  ]
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
  let price = 100
  for (let i = 0; i < rows; i++) {
    time[i] = 1_577_836_800_000 + i * step
    open[i] = price
    price *= 1 + (random() - 0.5) * 0.02
    close[i] = price
    high[i] = Math.max(open[i]!, price) * (1 + random() * 0.005)
    low[i] = Math.min(open[i]!, price) * (1 - random() * 0.005)
    volume[i] = 1 + random()
  }
  return { symbol, interval, rows, time, open, high, low, close, volume }
}
