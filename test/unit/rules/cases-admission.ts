import { fillsOf, flat, runOf, tau, type RuleCase } from './rule-case.ts'

const STILL = Array(5).fill(flat(10))

/** P3: the steps of admission. */
export const ADMISSION_CASES: RuleCase[] = [
  {
    rule: 'P3a',
    title: 'two positions are admitted where two are allowed',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL],
        maxPositions: 2,
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 0, signal: 'BUY', symbol: 1 },
        ],
      })

      expect(fillsOf(play(input).records)).toMatchObject([{ symbol: 0 }, { symbol: 1 }])
    },
  },
  {
    rule: 'P3a',
    title: 'a working order uses a slot: the next proposal is refused capacity',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL],
        maxPositions: 1,
        decisions: [
          { bar: 0, signal: 'BUY', entryPrice: 5 },
          { bar: 1, signal: 'BUY', symbol: 1, size: 3 },
        ],
      })

      // One slot is used, a second (1 + 1) would be needed.
      expect(play(input).records).toMatchObject([
        { kind: 'admit', symbol: 0 },
        { kind: 'refuse', reason: 'capacity', symbol: 1, quantity: 3, needed: 2, available: 1, step: 5 },
      ])
    },
  },
  {
    rule: 'P3a',
    title: 'with retryBars a refused proposal is tried again at the next live bar',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL],
        maxPositions: 1,
        execution: { retryBars: 1 },
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 1, signal: 'BUY', symbol: 1 },
          { bar: 2, signal: 'SELL' },
        ],
      })

      // BBB finds no slot at tau(2) without a record; at tau(3) AAA has left in step 4.
      const records = play(input).records
      expect(records.filter((record) => record.symbol === 1)).toMatchObject([
        { kind: 'admit', time: tau(3) },
        { kind: 'fill', time: tau(3) },
      ])
    },
  },
  {
    rule: 'P3b',
    title: 'percent of equity: the share of E at the decision, over the close of the decision bar',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(8), flat(8), [8, 16, 8, 16], flat(16), flat(16)],
        sizing: { builtin: 'percentOfEquity', params: { percent: 10 } },
        execution: { onSame: 'add' },
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 2, signal: 'BUY' },
          { bar: 2, signal: 'BUY', size: 3 },
        ],
      })

      // First: 1000 * 10 / 100 / 8 = 12.5 for 100. At tau(3) E = 900 + 12.5 * 16 = 1100: 110 / 16 = 6.875. `size` overrides.
      expect(fillsOf(play(input).records).map((fill) => fill.quantity)).toEqual([12.5, 6.875, 3])
    },
  },
  {
    rule: 'P3b',
    title: 'a size that the account cannot pay is not cut to the sizing rule but refused',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        execution: { onShortfall: 'refuse' },
        decisions: [{ bar: 0, signal: 'BUY', size: 200 }],
      })

      expect(play(input).records).toMatchObject([
        { kind: 'refuse', reason: 'insufficient_cash', quantity: 200, needed: 200 * 10, available: 1000 },
      ])
    },
  },
  {
    rule: 'P3b',
    title: 'fixed notional: notional over the close',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        sizing: { builtin: 'fixedNotional', params: { notional: 25 } },
        decisions: [{ bar: 0, signal: 'BUY' }],
      })

      expect(fillsOf(play(input).records)).toMatchObject([{ quantity: 25 / 10 }])
    },
  },
  {
    rule: 'P3c',
    title: 'the quantity is rounded down to whole steps',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        instrument: { step: '0.25' },
        decisions: [{ bar: 0, signal: 'BUY', size: 1.99 }],
      })

      // 1.99 / 0.25 = 7.96 -> 7 steps = 1.75.
      expect(fillsOf(play(input).records)).toMatchObject([{ quantity: 7 * 0.25 }])
    },
  },
  {
    rule: 'P3c',
    title: 'nothing left after rounding, or less than a minimum, is refused with its reason',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        instrument: { step: '0.25', minQuantity: '0.5', minNotional: '20' },
        decisions: [
          { bar: 0, signal: 'BUY', size: 0.24 }, // 0 steps
          { bar: 1, signal: 'BUY', size: 0.49 }, // 1 step: 0.25 < 0.5
          { bar: 2, signal: 'BUY', size: 1.9 }, // 7 steps: 1.75 * 10 = 17.5 < 20
        ],
      })

      expect(play(input).records).toMatchObject([
        { reason: 'zero_quantity', quantity: 0 },
        { reason: 'below_min_quantity', quantity: 0.25 },
        { reason: 'below_min_notional', quantity: 1.75 },
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'a shortfall shrinks the quantity to what the cash pays, fee included, in whole steps',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        cash: 100,
        fee: { maker: 0, taker: 0.01 },
        instrument: { step: '0.5' },
        decisions: [{ bar: 0, signal: 'BUY', size: 10 }],
      })

      // 10 * 10 * 1.01 = 101 > 100. 100 / (10 * 1.01) = 9.90… -> 9.5; 95 + 0.95 = 95.95 is reserved and paid.
      const fee = 9.5 * 10 * 0.01
      expect(play(input).records).toMatchObject([
        { kind: 'admit', quantity: 9.5, needed: 95 + fee },
        { kind: 'fill', quantity: 9.5, fee, cash: 100 - (95 + fee) },
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'with onShortfall refuse the same proposal is refused with what was needed and available',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        cash: 100,
        fee: { maker: 0, taker: 0.01 },
        execution: { onShortfall: 'refuse' },
        decisions: [{ bar: 0, signal: 'BUY', size: 10 }],
      })

      expect(play(input).records).toMatchObject([
        { kind: 'refuse', reason: 'insufficient_cash', needed: 10 * 10 + 10 * 10 * 0.01, available: 100 },
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'at the fill the check runs again at the real price and shrinks the same way',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(20), flat(20)],
        cash: 100,
        instrument: { step: '1' },
        decisions: [{ bar: 0, signal: 'BUY', size: 9 }],
      })

      // Admitted 9 for 90; at the open 9 * 20 = 180 > 100, 100 / 20 = 5.
      expect(play(input).records).toMatchObject([
        { kind: 'admit', quantity: 9, needed: 90 },
        { kind: 'fill', quantity: 5, cash: 0 },
      ])
    },
  },
  {
    rule: 'P3f',
    title: 'what is reserved for a working order is not free for the next one',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL],
        cash: 100,
        execution: { onShortfall: 'refuse' },
        decisions: [
          { bar: 0, signal: 'BUY', entryPrice: 8, size: 8 },
          { bar: 1, signal: 'BUY', symbol: 1, size: 4 },
        ],
      })

      // 8 * 8 = 64 is reserved, 36 is free, 4 * 10 = 40 is needed. Cash itself is untouched.
      expect(play(input).records).toMatchObject([
        { kind: 'admit', needed: 64, cash: 100 },
        { kind: 'refuse', reason: 'insufficient_cash', needed: 40, available: 100 - 64, cash: 100 },
      ])
    },
  },
  {
    rule: 'P3f',
    title: 'a cancelled order gives its reserve back',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL],
        cash: 100,
        execution: { onShortfall: 'refuse' },
        decisions: [
          { bar: 0, signal: 'BUY', entryPrice: 8, size: 8 },
          { bar: 1, signal: 'SELL' },
          { bar: 1, signal: 'BUY', symbol: 1, size: 4 },
        ],
      })

      expect(fillsOf(play(input).records)).toMatchObject([{ symbol: 1, quantity: 4, cash: 100 - 40 }])
    },
  },
]
