import { explainRun } from '../../../src/backtest/explain.ts'
import type { EngineRecord } from '../../../src/backtest/records.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'

const HOUR = 3_600_000
const FIRST = 473_352 // 2024-01-01T00:00Z in hours
export const at = (bar: number) => (FIRST + bar) * HOUR

export function candles(
  symbol: string,
  bars: [open: number, high: number, low: number, close: number][],
): CandleSeries {
  return {
    symbol,
    interval: '1h',
    rows: bars.length,
    time: Float64Array.from(bars, (_, i) => at(i)),
    open: Float64Array.from(bars, (b) => b[0]),
    high: Float64Array.from(bars, (b) => b[1]),
    low: Float64Array.from(bars, (b) => b[2]),
    close: Float64Array.from(bars, (b) => b[3]),
    volume: Float64Array.from(bars, () => 1),
  }
}

const BARS = candles('AAA', [
  [10, 12, 9, 11],
  [11, 13, 10, 12],
  [12, 16, 11, 15],
  [15, 16, 14, 14],
])

const BLANK: EngineRecord = {
  kind: 'fill',
  reason: 'entry',
  side: 'buy',
  orderType: 'market',
  rule: 'F1',
  liquidity: 'taker',
  path: 'none',
  step: 6,
  symbol: 0,
  order: 0,
  lot: 0,
  decision: 0,
  time: at(0),
  quantity: 0,
  gross: 0,
  price: 0,
  fee: 0,
  realised: 0,
  needed: 0,
  available: 0,
  cash: 1000,
}

export function explain(
  records: Partial<EngineRecord>[],
  bars = 4,
  series = [BARS],
  more: Pick<Parameters<typeof explainRun>[0], 'refusalTexts' | 'hasSteps'> = {},
) {
  return explainRun({
    ...more,
    records: records.map((record) => ({ ...BLANK, ...record })),
    config: { symbols: series.map((s) => s.symbol), fill: 'worst', initialCash: 1000, interval: '1h' },
    window: { firstSlot: FIRST, endSlot: FIRST + bars, start: at(0), end: at(bars) },
    series,
  })
}

// Buys 4 at 11 + 0.1 slippage, sells 1 at the take profit 16 on the path, the other 3 at the open 15 − 0.15.
export const ROUND_TRIP: Partial<EngineRecord>[] = [
  { kind: 'admit', reason: 'none', step: 5, order: 1, decision: 1, time: at(1), quantity: 4, needed: 45, rule: 'none' },
  { lot: 1, order: 1, decision: 1, time: at(1), quantity: 4, gross: 11, price: 11.1, fee: 0.4, cash: 955.2 },
  {
    reason: 'take_profit',
    side: 'sell',
    orderType: 'limit',
    rule: 'F2',
    liquidity: 'maker',
    path: 'O-L-H-C',
    step: 7,
    lot: 1,
    order: 2,
    decision: 1,
    time: at(2),
    quantity: 1,
    gross: 16,
    price: 16,
    fee: 0.1,
    realised: 4.9,
    cash: 971.1,
  },
  {
    kind: 'close',
    reason: 'none',
    side: 'sell',
    step: 2,
    order: 3,
    decision: 2,
    time: at(3),
    quantity: 0,
    rule: 'none',
  },
  {
    reason: 'exit',
    side: 'sell',
    step: 4,
    lot: 1,
    order: 3,
    decision: 2,
    time: at(3),
    quantity: 3,
    gross: 15,
    price: 14.85,
    fee: 0.3,
    realised: 11.25,
    cash: 1015.35,
  },
]
