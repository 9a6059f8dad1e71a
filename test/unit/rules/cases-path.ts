import { fillsOf, flat, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

/** F6, F7, F10, F11: the path through a bar, rounding, slippage. */
export const PATH_CASES: RuleCase[] = [
  {
    rule: 'F6',
    title: 'an entry born on the line is followed by its stop loss on the same line',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [11, 12, 8, 11], flat(11)],
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 10, entryType: 'limit', slPrice: 9 }],
      })

      // On the way from 12 (or 11) down to 8 the line meets 10, then 9: bought at 10, sold at 9. Both lines: -10 + 9 = -1;
      // equal without a lot before: O-L-H-C.
      expect(fillsOf(play(input).records)).toMatchObject([
        { reason: 'entry', price: 10, step: 7, path: 'O-L-H-C', time: tau(1) },
        { reason: 'stop_loss', price: 9, step: 7, path: 'O-L-H-C', realised: -1, cash: 999 },
      ])
    },
  },
  {
    rule: 'F6',
    title: 'a bracket does not live before its entry: the high before the entry does not hit the take profit',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [11, 15, 9, 10], flat(10)],
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 10, tpPrice: 14 }],
      })

      // O-H-L-C: entry after the high, -10 + 1 * 10 = 0. O-L-H-C: entry, then 14 at the high, -10 + 14 = 4. 0 is booked.
      const { records, equity } = play(input)
      expect(fillsOf(records)).toMatchObject([{ reason: 'entry', price: 10, path: 'O-H-L-C' }])
      expect(equity[1]).toBe(1000 - 10 + 10)
    },
  },
  {
    rule: 'F7',
    title: 'worst: of a bar that holds both SL and TP the line with the loss is booked',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 13, 8, 11], flat(11)],
        decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12, slPrice: 9 }],
      })

      // O-H-L-C: +12 at the high; O-L-H-C: +9 at the low. 9 < 12.
      expect(fillsOf(play(input).records).slice(1)).toMatchObject([
        { reason: 'stop_loss', price: 9, path: 'O-L-H-C', step: 7, cash: 990 + 9, realised: -1 },
      ])
    },
  },
  {
    rule: 'F7',
    title: 'lines that end equal: O-H-L-C is booked for a lot held before the path',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 13, 9.5, 11], flat(11)],
        decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12, slPrice: 9 }],
      })

      // The low 9.5 stays over the SL: both lines sell at 12.
      expect(fillsOf(play(input).records).slice(1)).toMatchObject([
        { reason: 'take_profit', price: 12, path: 'O-H-L-C', realised: 2 },
      ])
    },
  },
  {
    rule: 'F10',
    title: 'more steps than a Float64 counts one by one are refused, 2^53 of them are not',
    negative: true,
    run({ expect, play }) {
      const step = 0.001
      const input = runOf({
        bars: Array(5).fill(flat(10)),
        cash: 1e18,
        instrument: { step: '0.001' },
        decisions: [
          { bar: 0, signal: 'BUY', size: (2 ** 53 + 2) * step },
          { bar: 1, signal: 'BUY', size: 2 ** 53 * step },
        ],
      })

      // 9,007,199,254,740,994 steps against 9,007,199,254,740,992
      expect(play(input).records).toMatchObject([
        { kind: 'refuse', reason: 'quantity_too_large' },
        { kind: 'admit', quantity: 2 ** 53 * step },
        { kind: 'fill' },
      ])
    },
  },
  {
    rule: 'F10',
    title: 'a quantity within 1e-9 of a whole number of steps is that number: 0.3 is 3 steps of 0.1',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10)],
        instrument: { step: '0.1' },
        decisions: [{ bar: 0, signal: 'BUY', size: 0.3 }],
      })

      // 0.3 / 0.1 = 2.9999999999999996 in doubles; shown as 3 * 0.1 = 0.30000000000000004.
      expect(fillsOf(play(input).records)).toMatchObject([{ quantity: 3 * 0.1 }])
    },
  },
  {
    rule: 'F10',
    title: 'order prices go to the tick against the trader: buy limit down, buy stop up, SL down, TP up',
    negative: false,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), flat(10), [10, 10, 7, 10], [10, 20, 10, 20], flat(20)]
      const limit = { bar: 0, signal: 'BUY' as const, entryPrice: 8.7, tpPrice: 12.3, slPrice: 6.9 }
      const instrument = { tick: '0.5' }

      const up = play(runOf({ bars, instrument, decisions: [limit] }))
      const stop = play(runOf({ bars, instrument, decisions: [{ bar: 0, signal: 'BUY', entryPrice: 12.3 }] }))

      // 8.7 -> 17 * 0.5 = 8.5; TP 12.3 -> 25 * 0.5 = 12.5; SL 6.9 -> 6.5, so the low 7 does not touch it. Stop 12.3 -> 12.5.
      expect(fillsOf(up.records)).toMatchObject([
        { price: 8.5, time: tau(2) },
        { reason: 'take_profit', price: 12.5, time: tau(3) },
      ])
      expect(fillsOf(stop.records)).toMatchObject([{ gross: 12.5, price: 12.5 }])
    },
  },
  {
    rule: 'F10',
    title: 'the price after slippage goes to the tick against the trader',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(100), flat(100), flat(100), flat(100)],
        bps: 7,
        instrument: { tick: '0.5' },
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 1, signal: 'SELL' },
        ],
      })

      // Buy 100.07 -> 100.5, sell 99.93 -> 99.5.
      expect(fillsOf(play(input).records)).toMatchObject([
        { side: 'buy', price: 100.5 },
        { side: 'sell', price: 99.5, realised: -1 },
      ])
    },
  },
  {
    rule: 'F10',
    title: 'a partial close under the minimum quantity is refused, a full close of as little is not',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(6).fill(flat(10)),
        instrument: { step: '0.1', minQuantity: '1' },
        decisions: [
          { bar: 0, signal: 'BUY', size: 1.5 },
          { bar: 1, signal: 'SELL', size: 1 },
          { bar: 2, signal: 'SELL', size: 0.2 },
          { bar: 3, signal: 'SELL' },
        ],
      })

      // 15 steps bought, 10 sold; 2 steps = 0.2 < 1 refused; the last 5 steps go although 0.5 < 1.
      const records = play(input).records.filter((record) => record.side === 'sell' && record.kind !== 'close')
      expect(records).toMatchObject([
        { kind: 'fill', quantity: 10 * 0.1 },
        { kind: 'refuse', reason: 'below_min_quantity', quantity: 2 * 0.1 },
        { kind: 'fill', quantity: 5 * 0.1 },
      ])
    },
  },
  {
    rule: 'F11',
    title: 'takers pay slippage in bps of the gross price; gross and net are both recorded',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(100), flat(100), flat(100), flat(100)],
        bps: 20,
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 1, signal: 'SELL' },
        ],
      })

      // 100 * 1.002 and 100 * 0.998
      expect(fillsOf(play(input).records)).toMatchObject([
        { gross: 100, price: 100 * (1 + 20 / 10_000) },
        { gross: 100, price: 100 * (1 - 20 / 10_000) },
      ])
    },
  },
  {
    rule: 'F11',
    title: 'makers pay no slippage, and a clamped taker price stays within the bar',
    negative: true,
    run({ expect, play }) {
      const maker = runOf({
        bars: [flat(10), flat(10), [10, 10, 7, 10], flat(10)],
        bps: 500,
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 8 }],
      })
      const clamped = runOf({
        bars: [flat(10), [10, 10.2, 9, 10]],
        bps: 500,
        execution: { clampSlippage: true },
        decisions: [{ bar: 0, signal: 'BUY' }],
      })

      // 10 * 1.05 = 10.5, over the high 10.2.
      expect(fillsOf(play(maker).records)).toMatchObject([{ gross: 8, price: 8 }])
      expect(fillsOf(play(clamped).records)).toMatchObject([{ gross: 10, price: 10.2 }])
    },
  },
]
