import { fillsOf, flat, runOf, tau, type RuleCase } from './rule-case.ts'

/** T5, T6: missing bars, bars without volume, the end of the data. */
export const GAP_CASES: RuleCase[] = [
  {
    rule: 'T5',
    title: 'an order waits over a gap for the next real bar, and the gap is marked at the last close',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), null, [14, 15, 14, 15], flat(15)],
        decisions: [
          { bar: 0, signal: 'BUY', size: 2 },
          { bar: 1, signal: 'SELL' },
        ],
      })

      const { records, equity } = play(input)

      // Bought 2 at 10; the sale waits for slot 3. E over the gap: 980 + 2 * 10; then 980 + 2 * 14.
      expect(fillsOf(records)).toMatchObject([
        { side: 'buy', time: tau(1), cash: 1000 - 2 * 10 },
        { side: 'sell', time: tau(3), price: 14, realised: 2 * (14 - 10), cash: 980 + 2 * 14 },
      ])
      expect(equity).toEqual([1000, 980 + 20, 980 + 20, 1008, 1008])
    },
  },
  {
    rule: 'T5',
    title: 'an order that waits for more than maxWaitBars bars is refused expired_stale',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), null, null, null, flat(10)],
        decisions: [{ bar: 0, signal: 'BUY' }],
        execution: { maxWaitBars: 2 },
      })

      const { records } = play(input)

      // Slots 1, 2 and 3 are missed; the third is one more than 2.
      expect(records).toMatchObject([{ kind: 'refuse', reason: 'expired_stale', time: tau(3), step: 5, order: 0 }])
    },
  },
  {
    rule: 'T5',
    title: 'a real bar with volume 0 fills nothing',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(11, 0), flat(12), flat(12)],
        decisions: [{ bar: 0, signal: 'BUY' }],
      })

      const { records } = play(input)

      expect(fillsOf(records)).toMatchObject([{ time: tau(2), price: 12 }])
    },
  },
  {
    rule: 'T5',
    title: 'a series without any volume fills as usual',
    negative: false,
    run({ expect, play }) {
      const input = runOf({ bars: [flat(10, 0), flat(11, 0), flat(12, 0)], decisions: [{ bar: 0, signal: 'BUY' }] })

      expect(fillsOf(play(input).records)).toMatchObject([{ time: tau(1), price: 11 }])
    },
  },
  {
    rule: 'T6',
    title: 'endOfData close sells every lot at the last close with slippage and fee, and E is cash then',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [10, 12, 10, 12]],
        decisions: [{ bar: 0, signal: 'BUY', size: 5 }],
        endOfData: 'close',
        bps: 100,
        fee: { maker: 0, taker: 0.001 },
      })

      const { records, equity } = play(input)

      const buyPrice = 10 * (1 + 100 / 10_000) // 10.1
      const afterBuy = 1000 - (5 * buyPrice + 5 * buyPrice * 0.001) // 1000 - 50.5 - 0.0505
      const sellPrice = 12 * (1 - 100 / 10_000) // 11.88
      const fee = 5 * sellPrice * 0.001 // 0.0594
      const cash = afterBuy + (5 * sellPrice - fee)
      expect(records.at(-1)).toMatchObject({
        kind: 'fill',
        reason: 'end_of_data',
        rule: 'T6',
        step: 1,
        time: tau(2),
        decision: 0,
        order: 2,
        lot: 1,
        gross: 12,
        price: sellPrice,
        fee,
        realised: 5 * (sellPrice - buyPrice),
        cash,
      })
      expect(equity.at(-1)).toBe(cash)
      expect(cash).toBeCloseTo(1000 - 50.5505 + 59.4 - 0.0594, 9)
    },
  },
  {
    rule: 'T6',
    title: 'endOfData open sells nothing: the lot is marked at the last close',
    negative: true,
    run({ expect, play }) {
      const input = runOf({ bars: [flat(10), [10, 12, 10, 12]], decisions: [{ bar: 0, signal: 'BUY', size: 5 }] })

      const { records, equity } = play(input)

      expect(fillsOf(records)).toHaveLength(1)
      expect(equity.at(-1)).toBe(1000 - 5 * 10 + 5 * 12)
    },
  },
  {
    rule: 'T6',
    title: 'data ending inside the window cancel the working entry and refuse what is decided on the last bar',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [[flat(10), flat(10), null, null], Array(4).fill(flat(50))],
        decisions: [
          { bar: 0, signal: 'BUY', entryPrice: 5 },
          { bar: 1, signal: 'BUY' },
        ],
        execution: { onSame: 'add' },
      })

      const { records } = play(input)

      expect(records).toMatchObject([
        { kind: 'admit', order: 1, gross: 5, time: tau(1) },
        { kind: 'cancel', reason: 'data_ended', order: 1, step: 1, time: tau(2) },
        { kind: 'refuse', reason: 'data_ended', decision: 2, step: 2, time: tau(2) },
      ])
    },
  },
]
