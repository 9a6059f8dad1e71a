import { fillsOf, flat, refusalsOf, runOf, tau, type RuleCase } from './rule-case.ts'

/** T: when things happen. */
export const TIME_CASES: RuleCase[] = [
  {
    rule: 'T1',
    title: 'a decision at the close of a bar acts at the open of the next one',
    negative: false,
    run({ expect, play }) {
      const bars: [number, number, number, number][] = [
        [10, 11, 9, 11],
        [12, 13, 12, 13],
      ]

      const { records, equity } = play(runOf({ bars, decisions: [{ bar: 0, signal: 'BUY' }] }))

      // Open of bar 1, not the close 11 that was decided on. Cash 1000 - 1 * 12; E(tau 2) = 988 + 1 * 13.
      expect(fillsOf(records)).toMatchObject([{ time: tau(1), price: 12, quantity: 1, cash: 1000 - 12 }])
      expect(equity).toEqual([1000, 988 + 13])
    },
  },
  {
    rule: 'T1',
    title: 'a decision at the close of the last bar of the window finds no bar to act in',
    negative: true,
    run({ expect, play }) {
      const { records, equity } = play(runOf({ bars: [flat(10), flat(10)], decisions: [{ bar: 1, signal: 'BUY' }] }))

      expect(records).toEqual([])
      expect(equity).toEqual([1000, 1000])
    },
  },
  {
    rule: 'T2',
    title: 'a market exit (step 4) makes room for an admission (step 5) of the same instant',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [Array(4).fill(flat(100)), Array(4).fill(flat(50))],
        cash: 100,
        maxPositions: 1,
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 1, signal: 'SELL' },
          { bar: 1, signal: 'BUY', symbol: 1, rank: 9, size: 2 },
        ],
      })

      const { records } = play(input)

      // BBB decides first (rank 9), but the sale of AAA for 100 is step 4 and its own admission step 5: 2 * 50 = 100.
      expect(fillsOf(records)).toMatchObject([
        { symbol: 0, side: 'buy', time: tau(1), cash: 0 },
        { symbol: 0, side: 'sell', time: tau(2), step: 4, cash: 100 },
        { symbol: 1, side: 'buy', time: tau(2), step: 6, cash: 100 - 2 * 50 },
      ])
    },
  },
  {
    rule: 'T2',
    title: 'a slot freed on the path of a bar (step 7) does not count for the admission before it (step 5)',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [
          [flat(100), flat(100), [100, 120, 100, 100], flat(100)],
          [flat(50), flat(50), flat(50), flat(50)],
        ],
        maxPositions: 1,
        decisions: [
          { bar: 0, signal: 'BUY', tpPrice: 110 },
          { bar: 1, signal: 'BUY', symbol: 1 },
        ],
      })

      const { records } = play(input)

      // tau(2): BBB is asked for while AAA is open (1 + 1 of 1); AAA leaves at 110 within that bar.
      expect(records.slice(2)).toMatchObject([
        { kind: 'refuse', reason: 'capacity', symbol: 1, time: tau(2), needed: 1 + 1, available: 1 },
        { kind: 'fill', reason: 'take_profit', symbol: 0, time: tau(2), step: 7, price: 110 },
      ])
    },
  },
  {
    rule: 'T3',
    title: 'of two decisions of one instant the higher rank goes first, confidence standing in for it',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [Array(3).fill(flat(10)), Array(3).fill(flat(10))],
        maxPositions: 1,
        decisions: [
          { bar: 0, signal: 'BUY', rank: 0.4 },
          { bar: 0, signal: 'BUY', symbol: 1, confidence: 0.5 },
        ],
      })

      const { records } = play(input)

      // 0.5 > 0.4: BBB is decision 1 and takes the only slot.
      expect(fillsOf(records)).toMatchObject([{ symbol: 1, decision: 1 }])
      expect(refusalsOf(records)).toMatchObject([{ symbol: 0, decision: 2, reason: 'capacity' }])
    },
  },
  {
    rule: 'T3',
    title: 'equal ranks go by symbol: the later symbol is the one refused',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [Array(3).fill(flat(10)), Array(3).fill(flat(10))],
        maxPositions: 1,
        decisions: [
          { bar: 0, signal: 'BUY', symbol: 1 },
          { bar: 0, signal: 'BUY', symbol: 0, rank: 0 },
        ],
      })

      const { records } = play(input)

      expect(fillsOf(records)).toMatchObject([{ symbol: 0, decision: 1 }])
      expect(refusalsOf(records)).toMatchObject([{ symbol: 1, decision: 2, reason: 'capacity' }])
    },
  },
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
