import { fillsOf, flat, runOf, type RuleCase } from './rule-case.ts'

/** C1, C2, C3: fees and cash. */
export const CASH_CASES: RuleCase[] = [
  {
    rule: 'C1',
    title: 'each leg pays its fee on its own notional, maker or taker',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 15, 10, 14], flat(14)],
        fee: { maker: 0.001, taker: 0.002 },
        decisions: [{ bar: 0, signal: 'BUY', size: 3, tpPrice: 12 }],
      })

      // Market entry: 3 * 10 * 0.002 = 0.06. Take profit, maker: 3 * 12 * 0.001 = 0.036.
      const bought = 1000 - (3 * 10 + 3 * 10 * 0.002)
      expect(fillsOf(play(input).records)).toMatchObject([
        { fee: 3 * 10 * 0.002, cash: bought },
        { fee: 3 * 12 * 0.001, cash: bought + (3 * 12 - 3 * 12 * 0.001) },
      ])
    },
  },
  {
    rule: 'C1',
    title: 'the fee is never folded into the entry price: realised P&L does not know it',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(10), flat(10)],
        fee: { maker: 0.01, taker: 0.01 },
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 1, signal: 'SELL' },
        ],
      })

      const { records, equity } = play(input)

      // 10 * (10 - 10) = 0 realised, although 0.1 + 0.1 of fees are gone.
      expect(fillsOf(records)).toMatchObject([{ realised: 0 }, { realised: 0 }])
      expect(equity.at(-1)).toBe(1000 - (10 + 0.1) + (10 - 0.1))
    },
  },
  {
    rule: 'C2',
    title: 'a working buy reserves notional and fee at the dearer of maker and taker',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(10)],
        fee: { maker: 0.003, taker: 0.001 },
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 8, size: 5 }],
      })

      // 5 * 8 = 40, fee 40 * 0.003 = 0.12
      expect(play(input).records).toMatchObject([{ kind: 'admit', needed: 40 + 40 * 0.003, cash: 1000 }])
    },
  },
  {
    rule: 'C2',
    title: 'cash is never negative: buying for all of it, fee included, leaves 0 or more',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(11), flat(11)],
        fee: { maker: 0.0004, taker: 0.0004 },
        sizing: { builtin: 'percentOfEquity', params: { percent: 100 } },
        decisions: [{ bar: 0, signal: 'BUY' }],
      })

      // 100 units at 10 were the target; 1000 / (11 * 1.0004) = 90.8727… are what the open 11 leaves.
      const [fill] = fillsOf(play(input).records)
      expect(fill!.quantity).toBeCloseTo(1000 / (11 * 1.0004), 9)
      expect(fill!.cash).toBeGreaterThanOrEqual(0)
      expect(fill!.cash).toBeLessThan(1e-9)
    },
  },
  {
    rule: 'C2',
    title: 'holdings are never negative: a sale for more than is held sells what is held',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(4).fill(flat(10)),
        decisions: [
          { bar: 0, signal: 'BUY', size: 2 },
          { bar: 1, signal: 'SELL', size: 5 },
        ],
      })

      expect(fillsOf(play(input).records)).toMatchObject([{ quantity: 2 }, { quantity: 2, cash: 1000 }])
    },
  },
  {
    rule: 'C3',
    title: 'equity is E0 + realised - fees + unrealised, summed another way than cash',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(14), flat(14), flat(15)],
        fee: { maker: 0.01, taker: 0.01 },
        decisions: [
          { bar: 0, signal: 'BUY', size: 4 },
          { bar: 1, signal: 'SELL', size: 1 },
        ],
      })

      const { equity } = play(input)

      // Realised 1 * (14 - 10) = 4; fees 0.4 + 0.14; unrealised 3 * (15 - 10) = 15: 1000 + 4 - 0.54 + 15 = 1018.46.
      expect(Math.abs(equity.at(-1)! - (1000 + 4 - (0.4 + 0.14) + 15))).toBeLessThan(1e-9 * 1018.46)
    },
  },
]
