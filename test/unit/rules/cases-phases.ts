import { fillsOf, flat, refusalsOf, runOf, tau, type RuleCase } from './rule-case.ts'

const STILL = Array(5).fill(flat(10))

/** P2, P5, P6, P7: what a decision means. P3 has a file of its own. */
export const PHASE_CASES: RuleCase[] = [
  {
    rule: 'P2',
    title: 'sizing sees the close of the decision bar, nothing of the bar that fills it',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [16, 40, 16, 40], flat(40)],
        sizing: { builtin: 'percentOfEquity', params: { percent: 50 } },
        decisions: [{ bar: 0, signal: 'BUY' }],
      })

      // 1000 * 50 / 100 / 10 = 50, filled at the open 16 for 800: the open did not change the size.
      expect(fillsOf(play(input).records)).toMatchObject([{ quantity: 50, price: 16, cash: 1000 - 50 * 16 }])
    },
  },
  {
    rule: 'P2',
    title: 'a proposal is not resolved ahead: when the real open is too dear, its fill is refused',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [25, 40, 25, 40], flat(40)],
        sizing: { builtin: 'percentOfEquity', params: { percent: 50 } },
        decisions: [{ bar: 0, signal: 'BUY' }],
        execution: { onShortfall: 'refuse' },
      })

      // Admitted for 50 * 10 = 500; at the open 50 * 25 = 1250 is needed of 1000.
      expect(play(input).records).toMatchObject([
        { kind: 'admit', quantity: 50, needed: 500 },
        { kind: 'refuse', reason: 'insufficient_cash', step: 6, order: 1, needed: 50 * 25, available: 1000 },
      ])
    },
  },
  {
    rule: 'P5',
    title: 'SELL closes every lot of the symbol as a market order at the next open',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(13), flat(13)],
        decisions: [
          { bar: 0, signal: 'BUY', size: 2 },
          { bar: 1, signal: 'SELL', tpPrice: 1, entryPrice: 99 },
        ],
      })

      const { records } = play(input)

      // Price and bracket of a closing decision are ignored. Close is order 2; 2 * (13 - 10) = 6 realised.
      expect(records.slice(2)).toMatchObject([
        { kind: 'close', order: 2, decision: 2, quantity: 0, time: tau(2), step: 2, side: 'sell' },
        { kind: 'fill', reason: 'exit', rule: 'F1', order: 2, lot: 1, price: 13, realised: 6, time: tau(2), step: 4 },
      ])
    },
  },
  {
    rule: 'P5',
    title: 'SELL without a position, BUY to close and SELL to open are refused',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        decisions: [
          { bar: 0, signal: 'SELL' },
          { bar: 0, signal: 'BUY', intent: 'close' },
          { bar: 0, signal: 'SELL', intent: 'open' },
        ],
      })

      expect(play(input).records).toMatchObject([
        { kind: 'refuse', reason: 'nothing_to_close', side: 'sell', decision: 1, order: 0 },
        { kind: 'refuse', reason: 'nothing_to_close', side: 'buy', decision: 2, order: 0 },
        { kind: 'refuse', reason: 'short_not_allowed', side: 'sell', decision: 3, order: 0 },
      ])
    },
  },
  {
    rule: 'P5',
    title: 'SELL while flat cancels the working entry of the symbol',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        decisions: [
          { bar: 0, signal: 'BUY', entryPrice: 8 },
          { bar: 2, signal: 'SELL' },
        ],
      })

      expect(play(input).records).toMatchObject([
        { kind: 'admit', orderType: 'limit', order: 1, needed: 8 },
        { kind: 'cancel', reason: 'cancelled_by_sell', order: 1, decision: 2, time: tau(3), quantity: 1 },
      ])
    },
  },
  {
    rule: 'P5',
    title: 'a close that finds its lots gone is refused position_gone',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(8), flat(8)],
        decisions: [
          { bar: 0, signal: 'BUY', slPrice: 9 },
          { bar: 1, signal: 'SELL' },
        ],
      })

      const { records } = play(input)

      // Both act at tau(2); stops go first: sold at the open 8.
      expect(records.slice(3)).toMatchObject([
        { kind: 'fill', reason: 'stop_loss', price: 8, step: 4 },
        { kind: 'refuse', reason: 'position_gone', order: 2, step: 4 },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'a partial close takes from the lots in order of opening',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(12), flat(20), flat(20), flat(20)],
        decisions: [
          { bar: 0, signal: 'BUY', size: 1 },
          { bar: 1, signal: 'BUY', size: 2 },
          { bar: 2, signal: 'SELL', size: 1.5 },
        ],
        execution: { onSame: 'add' },
      })

      const { records, equity } = play(input)

      // Lots: 1 at 12, 2 at 20. 1.5 = 1 of lot 1 and 0.5 of lot 2; 1.5 stay: cash 1000 - 12 - 40 + 30.
      expect(fillsOf(records).slice(2)).toMatchObject([
        { lot: 1, quantity: 1, realised: 1 * (20 - 12), order: 3 },
        { lot: 2, quantity: 0.5, realised: 0, order: 3, cash: 1000 - 12 - 40 + 20 + 10 },
      ])
      expect(equity.at(-1)).toBe(978 + 1.5 * 20)
    },
  },
  {
    rule: 'P6',
    title: 'onSame ignore refuses a proposal for a symbol that is open already',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 1, signal: 'BUY' },
        ],
      })

      expect(play(input).records.slice(2)).toMatchObject([
        { kind: 'refuse', reason: 'already_open', decision: 2, step: 2, time: tau(2) },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'onSame replace closes the old lot and opens the new one at the same open',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(11), flat(11)],
        decisions: [
          { bar: 0, signal: 'BUY', size: 3 },
          { bar: 1, signal: 'BUY', size: 4 },
        ],
        execution: { onSame: 'replace' },
      })

      expect(play(input).records.slice(2)).toMatchObject([
        { kind: 'close', reason: 'replaced', order: 2, decision: 2, quantity: 0 },
        { kind: 'fill', reason: 'exit', order: 2, lot: 1, quantity: 3, cash: 1000 - 30 + 33 },
        { kind: 'admit', order: 3, quantity: 4, needed: 4 * 10 },
        { kind: 'fill', reason: 'entry', order: 3, lot: 2, quantity: 4, cash: 1003 - 44 },
      ])
    },
  },
  {
    rule: 'P6',
    title: 'a full close cancels the working entries of the symbol too',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        decisions: [
          { bar: 0, signal: 'BUY' },
          { bar: 1, signal: 'BUY', entryPrice: 5 },
          { bar: 2, signal: 'SELL' },
        ],
        execution: { onSame: 'add' },
      })

      expect(play(input).records.slice(4)).toMatchObject([
        { kind: 'cancel', reason: 'closed_lot', order: 2, decision: 3, step: 4, time: tau(3) },
        { kind: 'fill', reason: 'exit', order: 3, lot: 1, cash: 1000 },
      ])
    },
  },
  {
    rule: 'P7',
    title: 'an entry price at or under the close is a limit, above it a stop; entryType market overrides',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        decisions: [
          { bar: 0, signal: 'BUY', entryPrice: 10 },
          { bar: 0, signal: 'BUY', entryPrice: 12 },
          { bar: 0, signal: 'BUY', entryPrice: 12, entryType: 'market' },
        ],
        execution: { onSame: 'add' },
      })

      const admitted = play(input).records.filter((record) => record.kind === 'admit')
      expect(admitted).toMatchObject([
        { orderType: 'limit', gross: 10 },
        { orderType: 'stop', gross: 12 },
        { orderType: 'market', gross: 0 },
      ])
    },
  },
  {
    rule: 'P7',
    title: 'a bracket that does not strictly enclose the reference is refused bracket_inverted',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        decisions: [
          { bar: 0, signal: 'BUY', tpPrice: 10 }, // reference: the close 10
          { bar: 0, signal: 'BUY', entryPrice: 8, slPrice: 8 }, // reference: the entry price 8
          { bar: 0, signal: 'BUY', slPct: 100 },
        ],
      })

      const { records } = play(input)

      expect(records.map((record) => record.reason)).toEqual(Array(3).fill('bracket_inverted'))
    },
  },
  {
    rule: 'P7',
    title: 'an entryTime before the next open is refused, a later one is waited for',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        decisions: [
          { bar: 0, signal: 'BUY', entryTime: tau(1) - 1 },
          { bar: 0, signal: 'BUY', entryTime: tau(2) + 1 },
        ],
      })

      const { records } = play(input)

      expect(refusalsOf(records)).toMatchObject([{ reason: 'entry_in_past', decision: 1, time: tau(1) }])
      expect(fillsOf(records)).toMatchObject([{ decision: 2, time: tau(3) }])
    },
  },
]
