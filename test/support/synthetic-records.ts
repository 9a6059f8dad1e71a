import {
  FILL_RULES,
  ORDER_TYPES,
  PATHS,
  RECORD_BYTES,
  RECORD_KINDS,
  RECORD_REASONS,
  type EngineRecord,
} from '../../src/backtest/records.ts'
import { intervalMs, type Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import { createRandom } from './random.ts'

export const SYNTHETIC_START = Date.UTC(2024, 0, 1)
export const SYNTHETIC_CASH = 10_000
const FEE = 0.0004

/** A random walk with a seed of its own. */
export function syntheticCandles(
  symbol: string,
  options: { interval: Interval; bars: number; seed: number },
): CandleSeries {
  const { interval, bars, seed } = options
  const { next: random } = createRandom(seed)
  const ms = intervalMs(interval)!
  const column = () => new Float64Array(bars)
  const series = {
    symbol,
    interval,
    rows: bars,
    time: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
  const scale = Math.sqrt(ms / 86_400_000) * 0.035
  let price = 40_000
  for (let i = 0; i < bars; i++) {
    series.time[i] = SYNTHETIC_START + i * ms
    series.open[i] = price
    const close = price * (1 + scale * (random() + random() + random() - 1.499))
    series.high[i] = Math.max(price, close) * (1 + scale * 0.4 * random())
    series.low[i] = Math.min(price, close) * (1 - scale * 0.4 * random())
    series.close[i] = close
    series.volume[i] = 1 + random()
    price = close
  }
  return series
}

const FLOAT_FIELDS = ['time', 'quantity', 'gross', 'price', 'fee', 'realised', 'needed', 'available', 'cash'] as const

/** The layout of records.ts, written on its own. */
function encodeRecords(records: readonly Partial<EngineRecord>[]): Uint8Array {
  const bytes = new Uint8Array(records.length * RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  records.forEach((record, index) => {
    const at = index * RECORD_BYTES
    const codes = [
      RECORD_KINDS.indexOf(record.kind ?? 'fill'),
      RECORD_REASONS.indexOf(record.reason ?? 'none'),
      record.side === 'sell' ? 1 : 0,
      ORDER_TYPES.indexOf(record.orderType ?? 'market'),
      FILL_RULES.indexOf(record.rule ?? 'none'),
      ['none', 'maker', 'taker'].indexOf(record.liquidity ?? 'none'),
      PATHS.indexOf(record.path ?? 'none'),
      record.step ?? 0,
    ]
    bytes.set(codes, at)
    const words = [record.symbol ?? 0, record.order ?? 0, record.lot ?? 0, record.decision ?? 0]
    words.forEach((word, i) => view.setUint32(at + 8 + 4 * i, word, true))
    FLOAT_FIELDS.forEach((field, i) => view.setFloat64(at + 24 + 8 * i, record[field] ?? 0, true))
  })
  return bytes
}

/** Buys and sells each symbol in turn at opens, a part of the cash each; equity is cash plus holdings at the close. */
export function playRoundTrips(
  candles: readonly CandleSeries[],
  trades: number,
): { records: Uint8Array; equity: Float64Array } {
  const bars = candles[0]!.rows
  const records: Partial<EngineRecord>[] = []
  const equity = new Float64Array(bars)
  const held = candles.map(() => ({ quantity: 0, entry: 0, lot: 0 }))
  const every = Math.max(2, Math.floor(bars / trades))
  let cash = SYNTHETIC_CASH
  let lots = 0
  let orders = 0
  for (let bar = 0; bar < bars; bar++) {
    candles.forEach((series, symbol) => {
      const position = held[symbol]!
      const phase = (bar + symbol) % every
      const common = {
        symbol,
        time: series.time[bar]!,
        decision: orders + 1,
        rule: 'F1',
        liquidity: 'taker',
        gross: series.open[bar]!,
      } as const
      if (position.quantity === 0 && phase === 0 && bar + 1 < bars) {
        const price = series.open[bar]! * 1.0002
        const quantity = SYNTHETIC_CASH / candles.length / 50 / price
        cash -= quantity * price * (1 + FEE)
        Object.assign(position, { quantity, entry: price, lot: ++lots })
        records.push({
          ...common,
          kind: 'admit',
          rule: 'none',
          liquidity: 'none',
          step: 5,
          order: ++orders,
          quantity,
          gross: 0,
          needed: quantity * price,
          cash,
        })
        records.push({
          ...common,
          reason: 'entry',
          step: 6,
          order: orders,
          lot: lots,
          quantity,
          price,
          fee: quantity * price * FEE,
          cash,
        })
      } else if (position.quantity > 0 && phase === Math.floor(every / 2)) {
        const price = series.open[bar]! * 0.9998
        const { quantity, entry, lot } = position
        cash += quantity * price * (1 - FEE)
        records.push({
          ...common,
          side: 'sell',
          reason: 'exit',
          step: 4,
          order: ++orders,
          lot,
          quantity,
          price,
          fee: quantity * price * FEE,
          realised: quantity * (price - entry),
          cash,
        })
        position.quantity = 0
      } else if (position.quantity > 0 && phase === 1) {
        records.push({
          ...common,
          kind: 'refuse',
          reason: 'already_open',
          rule: 'none',
          liquidity: 'none',
          step: 2,
          gross: 0,
          cash,
        })
      }
    })
    let total = cash
    candles.forEach((series, symbol) => {
      total += held[symbol]!.quantity * series.close[bar]!
    })
    equity[bar] = total
  }
  return { records: encodeRecords(records), equity }
}
