import { fillsOf, flat, runOf, type RuleCase } from './rule-case.ts'

const STILL = Array(6).fill(flat(10))
const tiered = (tiers: string) => ({ builtin: 'tiered', params: { tiers } })
const perUnit = (amount: number, minimum: number) => ({ builtin: 'perUnit', params: { amount, minimum } })
const volume = (k: number, maxPercent: number) => ({ builtin: 'volume', params: { k, maxPercent } })

/** C1, F11 and P3 d under the policies that are not the defaults. */
export const FEE_POLICY_CASES: RuleCase[] = [
  {
    rule: 'C1',
    title: 'zero: nothing is charged',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        policies: { fee: { builtin: 'zero', params: {} } },
        decisions: [{ bar: 0, signal: 'BUY', size: 100 }],
      })

      expect(fillsOf(play(input).records)).toMatchObject([{ quantity: 100, fee: 0, cash: 0 }])
    },
  },
  {
    rule: 'C1',
    title: 'per unit: quantity times amount, at least the minimum, on both sides',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        policies: { fee: perUnit(0.5, 2) },
        decisions: [
          { bar: 0, signal: 'BUY', size: 10 },
          { bar: 1, signal: 'SELL', size: 7 },
          { bar: 2, signal: 'SELL' },
        ],
      })

      // 10 * 0.5 = 5; 7 * 0.5 = 3.5; 3 * 0.5 = 1.5 is under 2. 1000 - 100 - 5 + 70 - 3.5 + 30 - 2 = 989.5.
      expect(fillsOf(play(input).records)).toMatchObject([{ fee: 5 }, { fee: 3.5 }, { fee: 2, cash: 989.5 }])
    },
  },
  {
    rule: 'C1',
    title: 'per unit: a sale never costs more than it brings',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(1), flat(1)],
        policies: { fee: perUnit(3, 0) },
        decisions: [
          { bar: 0, signal: 'BUY', size: 10 },
          { bar: 1, signal: 'SELL' },
        ],
      })

      // Bought for 100 + 30. Sold for 10 * 1: of the fee 10 * 3 = 30 only 10 are charged.
      expect(fillsOf(play(input).records)).toMatchObject([{ fee: 30 }, { fee: 10, cash: 870 }])
    },
  },
  {
    rule: 'C1',
    title: 'tiered: the rate of the tier that the notional before the fill has reached, over all symbols',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL],
        policies: { fee: tiered('0:0.02:0.04,100:0.01:0.03') },
        decisions: [
          { bar: 0, signal: 'BUY', size: 4 },
          { bar: 1, signal: 'BUY', symbol: 1, size: 6 },
          { bar: 2, signal: 'SELL' },
        ],
      })

      // 40 * 0.04 after 0 traded; 60 * 0.04 after 40; 40 * 0.03 after exactly 100.
      expect(fillsOf(play(input).records).map((fill) => fill.fee)).toEqual([40 * 0.04, 60 * 0.04, 40 * 0.03])
    },
  },
  {
    rule: 'P3d',
    title: 'tiered: a limit reserves at the dearer rate of the tier of now, and its fill may be cheaper',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [
          [flat(10), flat(10), flat(10), [10, 10, 7, 9]],
          [flat(10), flat(10), flat(10), flat(10)],
        ],
        policies: { fee: tiered('0:0.05:0.01,50:0:0') },
        decisions: [
          { bar: 0, signal: 'BUY', entryPrice: 8, size: 10 },
          { bar: 1, signal: 'BUY', symbol: 1, size: 5 },
        ],
      })

      // Reserve 80 + 80 * 0.05 (maker is dearer). The other symbol trades 50, so the limit fills free of charge.
      expect(play(input).records).toMatchObject([
        { kind: 'admit', needed: 80 + 80 * 0.05 },
        { kind: 'admit', needed: 50 + 50 * 0.01 },
        { kind: 'fill', fee: 50 * 0.01 },
        { kind: 'fill', reason: 'entry', price: 8, fee: 0, liquidity: 'maker' },
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'per unit: shrinking leaves room for the fee, the minimum included',
    negative: false,
    run({ expect, play }) {
      const shrunk = (amount: number, minimum: number) =>
        fillsOf(
          play(
            runOf({
              bars: STILL,
              instrument: { step: '1' },
              policies: { fee: perUnit(amount, minimum) },
              decisions: [{ bar: 0, signal: 'BUY', size: 200 }],
            }),
          ).records,
        )

      // 1000 / (10 + 2.5) = 80: 800 + 200. With a minimum of 205: (1000 - 205) / 10 = 79.5 -> 79: 790 + 205 = 995.
      expect(shrunk(2.5, 0)).toMatchObject([{ quantity: 80, fee: 200, cash: 0 }])
      expect(shrunk(2.5, 205)).toMatchObject([{ quantity: 79, fee: 205, cash: 5 }])
    },
  },
  {
    rule: 'F11',
    title: 'half spread: buys pay half of it above, sells get half of it below the gross price',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 15, 10, 14], flat(14)],
        policies: { slippage: { builtin: 'halfSpread', params: { spread: 0.5 } } },
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 2, signal: 'SELL' },
        ],
      })

      expect(fillsOf(play(input).records)).toMatchObject([
        { gross: 10, price: 10.25 },
        { gross: 14, price: 13.75 },
      ])
    },
  },
  {
    rule: 'F11',
    title: 'half spread: never below 0, and makers pay none',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 15, 10, 14], flat(10), flat(1), flat(1)],
        policies: { slippage: { builtin: 'halfSpread', params: { spread: 4 } } },
        decisions: [
          { bar: 0, signal: 'BUY', tpPrice: 12.5 },
          { bar: 2, signal: 'BUY' },
          { bar: 3, signal: 'SELL' },
        ],
      })

      // 1 - 4 / 2 would be -1.
      const prices = fillsOf(play(input).records).map(({ reason, price }) => [reason, price])
      expect(prices).toEqual([
        ['entry', 12],
        ['take_profit', 12.5],
        ['entry', 12],
        ['exit', 0],
      ])
    },
  },
  {
    rule: 'F11',
    title: 'volume: k times the squared share of the volume of the bar of the fill, at most maxPercent',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10, 100), flat(10, 50), flat(10, 40), flat(10, 40)],
        policies: { slippage: volume(0.5, 20) },
        decisions: [
          { bar: 0, signal: 'BUY', size: 10 },
          { bar: 1, signal: 'SELL' },
        ],
      })

      // Reserve with the volume of the decision bar: 0.5 * (10 / 100)^2 = 0.005. Fill: 0.5 * (10 / 50)^2 = 0.02.
      // Sale: 0.5 * (10 / 40)^2 = 0.03125.
      expect(play(input).records).toMatchObject([
        { kind: 'admit', needed: 10 * (10 * (1 + 0.5 * (0.1 * 0.1))) },
        { kind: 'fill', price: 10 * (1 + 0.5 * (0.2 * 0.2)) },
        { kind: 'close' },
        { kind: 'fill', price: 10 * (1 - 0.03125) },
      ])
    },
  },
  {
    rule: 'F11',
    title: 'volume: a close of several lots is one order, and no share moves the price beyond maxPercent',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10, 1000), flat(10, 1000), flat(10, 100), flat(10, 100), flat(10, 100)],
        execution: { onSame: 'add' },
        policies: { slippage: volume(1, 4) },
        decisions: [
          { bar: 0, signal: 'BUY', size: 5 },
          { bar: 0, signal: 'BUY', size: 5 },
          { bar: 1, signal: 'SELL', size: 1 },
          { bar: 2, signal: 'SELL', size: 8 },
        ],
      })

      // 1 of 100: (0.01)^2 = 0.0001. 8 of 100 out of two lots: 0.0064 for both, not 0.0016 and so on.
      const sold = fillsOf(play(input).records).slice(2)
      expect(sold.map(({ quantity, price }) => [quantity, price])).toEqual([
        [1, 10 * (1 - 0.01 * 0.01)],
        [4, 10 * (1 - 0.08 * 0.08)],
        [4, 10 * (1 - 0.08 * 0.08)],
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'volume: a stop reserves the most that it can cost, so that its fill on a path is always paid for',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10, 1000), flat(10, 1000), [10, 13, 10, 13, 10], flat(13)],
        policies: { slippage: volume(1, 25) },
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 12, size: 10 }],
      })

      // Share 10 / 10 = 1, cut to 25 %: 12 * 1.25 = 15, as reserved.
      expect(play(input).records).toMatchObject([
        { kind: 'admit', needed: 150 },
        { kind: 'fill', gross: 12, price: 15, path: 'O-L-H-C', cash: 850 },
      ])
    },
  },
]
