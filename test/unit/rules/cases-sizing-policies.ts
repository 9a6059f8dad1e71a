import { fillsOf, flat, refusalsOf, runOf, type Row, type RuleCase } from './rule-case.ts'

const STILL: Row[] = Array(6).fill(flat(10))
const BUY = { signal: 'BUY' } as const
const SELL = { signal: 'SELL' } as const
const sizing = (builtin: string, params: Record<string, number>) => ({ builtin, params })

/** Bought and sold at the opens given, one unit each; then what comes next. */
function traded(opens: readonly number[]): Row[] {
  return [flat(opens[0]!), ...opens.map((open) => flat(open)), flat(10), flat(10), flat(10)]
}

/** P3 b under the policies that are not the defaults. */
export const SIZING_POLICY_CASES: RuleCase[] = [
  {
    rule: 'P3b',
    title: 'risk per trade: the stop loss, absolute or percent, loses the share of E from the reference',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL, STILL],
        sizing: sizing('riskPerTrade', { percent: 2 }),
        decisions: [
          { bar: 0, ...BUY, slPrice: 8 },
          { bar: 0, ...BUY, slPct: 50, symbol: 1 },
          { bar: 0, ...BUY, entryPrice: 9, slPrice: 8.5, symbol: 2 },
        ],
      })

      // 20 of 1000 at risk: 20 / (10 - 8) = 10; 20 / (10 - 5) = 4; 20 / (9 - 8.5) = 40.
      const admitted = play(input).records.filter(({ kind }) => kind === 'admit')
      expect(admitted.map(({ quantity }) => quantity)).toEqual([10, 4, 40])
    },
  },
  {
    rule: 'P3b',
    title: 'risk per trade: refused no_stop without a stop loss, unless the decision has its own size',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        sizing: sizing('riskPerTrade', { percent: 2 }),
        execution: { retryBars: 3 },
        decisions: [
          { bar: 0, ...BUY, tpPrice: 12 },
          { bar: 1, ...BUY, size: 3 },
        ],
      })

      const { records } = play(input)
      expect(refusalsOf(records)).toMatchObject([
        { reason: 'no_stop', decision: 1, step: 5, quantity: 0, orderType: 'none' },
      ])
      expect(fillsOf(records)).toMatchObject([{ quantity: 3 }])
    },
  },
  {
    rule: 'P3b',
    title: 'volatility target: the share of E over the deviation of the last returns, over the close',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(8), flat(10), flat(15), flat(15), flat(15)],
        sizing: sizing('volatilityTarget', { percent: 5, period: 2 }),
        decisions: [{ bar: 2, ...BUY }],
      })

      // Returns 0.25 and 0.5: mean 0.375, squares 2 * 0.125^2 = 0.03125 over 1. 50 / sqrt(0.03125) / 15 = 18.856…
      const [fill] = fillsOf(play(input).records)
      expect(fill!.quantity).toBe(50 / Math.sqrt(0.03125) / 15)
    },
  },
  {
    rule: 'P3b',
    title: 'volatility target: refused before there are period + 1 bars, and when nothing moves',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(8), flat(10), flat(10), flat(10), flat(10)],
        sizing: sizing('volatilityTarget', { percent: 5, period: 2 }),
        decisions: [
          { bar: 1, ...BUY },
          { bar: 3, ...BUY },
        ],
      })

      expect(refusalsOf(play(input).records)).toMatchObject([
        { reason: 'no_volatility', decision: 1 },
        { reason: 'no_volatility', decision: 2 },
      ])
    },
  },
  {
    rule: 'P3b',
    title: 'Kelly: the start share until the window is full, then the fraction of W - (1 - W) / payoff',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: traded([10, 15, 10, 8]),
        sizing: sizing('kelly', { fraction: 0.5, window: 2, startPercent: 1 }),
        decisions: [
          { bar: 0, ...BUY },
          { bar: 1, ...SELL },
          { bar: 2, ...BUY },
          { bar: 3, ...SELL },
          { bar: 4, ...BUY },
        ],
      })

      // 1 % of 1000 at 10: 1 unit, +50 %. 1 % of 1005 at 15 (the close of the decision): 0.67 units from 10 to 8, -20 %.
      // W = 1/2, payoff = 0.5 / 0.2 = 2.5, K = 0.5 - 0.5 / 2.5 = 0.3; E * 0.15 / 8.
      const fills = fillsOf(play(input).records)
      const equity = fills[3]!.cash
      expect(fills.map(({ quantity }) => quantity).slice(0, 4)).toEqual([1, 1, 10.05 / 15, 10.05 / 15])
      expect(equity).toBeCloseTo(1005 - 2 * 0.67, 9)
      expect(fills[4]!.quantity).toBeCloseTo((equity * 0.15) / 8, 9)
    },
  },
  {
    rule: 'P3b',
    title: 'Kelly: a window without an edge is refused no_edge; fees count',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: traded([10, 10]),
        fee: { maker: 0, taker: 0.001 },
        sizing: sizing('kelly', { fraction: 1, window: 1, startPercent: 10 }),
        decisions: [
          { bar: 0, ...BUY },
          { bar: 1, ...SELL },
          { bar: 2, ...BUY },
        ],
      })

      // Bought and sold at 10: only the fees make it a loss.
      expect(refusalsOf(play(input).records)).toMatchObject([{ reason: 'no_edge', decision: 3, quantity: 0 }])
    },
  },
  {
    rule: 'P3b',
    title: 'strength: the share of E times the confidence, whole without one, nothing at 0',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL, STILL],
        sizing: sizing('strength', { percent: 20 }),
        decisions: [
          { bar: 0, ...BUY, confidence: 0.25 },
          { bar: 0, ...BUY, symbol: 1 },
          { bar: 0, ...BUY, symbol: 2, confidence: 0 },
        ],
      })

      // 1000 * 20 % * 0.25 / 10 = 5 comes first: its rank is the confidence.
      const { records } = play(input)
      expect(fillsOf(records).map(({ symbol, quantity }) => [symbol, quantity])).toEqual([
        [0, 5],
        [1, 20],
      ])
      expect(refusalsOf(records)).toMatchObject([{ reason: 'zero_quantity', symbol: 2 }])
    },
  },
  {
    rule: 'P3b',
    title: 'code of the user: told decision and account, asked again for an addition, not for a size of its own',
    negative: false,
    run({ expect, play }) {
      const asked: unknown[] = []
      const input = runOf({
        bars: STILL,
        execution: { onSame: 'add' },
        decisions: [
          { bar: 0, ...BUY, slPct: 50 },
          { bar: 1, ...BUY, confidence: 0.5 },
          { bar: 2, ...BUY, size: 3 },
        ],
      })
      const sizer = (...args: object[]): number => asked.push(args) * 2
      const { records } = play({ ...input, users: { sizing: sizer as never } })

      const [t1, t2] = [input.opens[1], input.opens[2]]
      const meta = { symbol: 'AAA', side: 'long', close: 10 }
      const none = { equity: 1000, maxSize: 2 ** 53, orders: [] }
      const lots = [{ id: 1, symbol: 'AAA', side: 'long', quantity: 2, entry: 10 }]
      const positions = [{ symbol: 'AAA', side: 'long', quantity: 2 }]
      expect(asked).toEqual([
        [{ ...meta, slPct: 50 }, 'open', { ...none, time: t1, cash: 1000, lots: [], positions: [] }],
        [{ ...meta, confidence: 0.5 }, 'add', { ...none, time: t2, cash: 980, lots, positions }],
      ])
      expect(fillsOf(records).map(({ quantity }) => quantity)).toEqual([2, 4, 3])
    },
  },
]
