import { fillsOf, flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

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
    rule: 'T2',
    title: 'paths are walked symbol by symbol in order, whichever was opened first',
    negative: false,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), flat(10), flat(10), [10, 10, 8, 10], flat(10)]
      const input = runOf({
        symbols: [bars, bars],
        decisions: [
          { bar: 0, signal: 'BUY', slPrice: 9, symbol: 1 },
          { bar: 1, signal: 'BUY', slPrice: 9, symbol: 0 },
        ],
      })

      const { records } = play(input)

      expect(fillsOf(records)).toMatchObject([
        { reason: 'entry', symbol: 1, lot: 1 },
        { reason: 'entry', symbol: 0, lot: 2 },
        { reason: 'stop_loss', symbol: 0, lot: 2, time: tau(3) },
        { reason: 'stop_loss', symbol: 1, lot: 1, time: tau(3) },
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
    rule: 'T3',
    title: 'brackets of one instant go by the key of the opening decision; equal keys by lot, not by decision',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 10, 7, 10], flat(20), flat(20)],
        execution: { onSame: 'add' },
        decisions: [
          { bar: 0, signal: 'BUY', entryPrice: 8, tpPrice: 15, sequence: 0 },
          { bar: 1, signal: 'BUY', tpPrice: 16, sequence: 0 },
        ],
      })

      const { records } = play(input)

      // Decision 2 fills at the open of bar 2 and is lot 1; the limit of decision 1 fills on its path and is lot 2.
      expect(fillsOf(records)).toMatchObject([
        { reason: 'entry', lot: 1, decision: 2, price: 10 },
        { reason: 'entry', lot: 2, decision: 1, price: 8 },
        { reason: 'take_profit', lot: 1, decision: 2, price: 16, time: tau(3) },
        { reason: 'take_profit', lot: 2, decision: 1, price: 15, time: tau(3) },
      ])
    },
  },
  {
    rule: 'T3',
    title: 'stops at one open go by the rank of the decision that opened the lot, not by symbol',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [
          [flat(10), flat(10), flat(5), flat(5)],
          [flat(10), flat(10), flat(5), flat(5)],
        ],
        decisions: [
          { bar: 0, signal: 'BUY', slPrice: 9 },
          { bar: 0, signal: 'BUY', slPrice: 9, symbol: 1, rank: 2 },
        ],
      })

      const { records } = play(input)

      expect(fillsOf(records).slice(2)).toMatchObject([
        { reason: 'stop_loss', symbol: 1, lot: 1, decision: 1 },
        { reason: 'stop_loss', symbol: 0, lot: 2, decision: 2 },
      ])
    },
  },
]
