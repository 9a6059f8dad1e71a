import { fillsOf, flat, runOf, tau, type Row, type RuleCase } from './rule-case.ts'
import type { ReferenceDecision } from '../../support/reference-engine-decision.ts'

/** A BUY that triggers at 12 and pays at most `limitPrice`. */
function stopLimit(bars: Row[], limitPrice: number, more: Partial<ReferenceDecision> = {}, bps = 0) {
  return runOf({
    bars,
    bps,
    decisions: [{ bar: 0, signal: 'BUY', entryType: 'stop_limit', entryPrice: 12, limitPrice, ...more }],
  })
}

/** F4: stop-limit entries. */
export const STOP_LIMIT_CASES: RuleCase[] = [
  {
    rule: 'F4',
    title: 'fills in the bar that triggers it, as taker, slippage clamped to the limit',
    negative: false,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), [10, 13, 10, 11], flat(11)] as Row[]

      // 12 · 1.02 = 12.24 <= 12.5; over 12.1 it is clamped.
      expect(fillsOf(play(stopLimit(bars, 12.5, {}, 200)).records)).toMatchObject([
        { rule: 'F4', orderType: 'stop_limit', gross: 12, price: 12 * 1.02, liquidity: 'taker', step: 7, time: tau(2) },
      ])
      expect(fillsOf(play(stopLimit(bars, 12.1, {}, 200)).records)).toMatchObject([{ gross: 12, price: 12.1 }])
    },
  },
  {
    rule: 'F4',
    title: 'reserves by its limit, and its admission shows stop and limit',
    negative: false,
    run({ expect, play }) {
      expect(play(stopLimit([flat(10), flat(10)], 12.5)).records).toMatchObject([
        { kind: 'admit', orderType: 'stop_limit', gross: 12, price: 12.5, needed: 12.5 },
      ])
    },
  },
  {
    rule: 'F4',
    title: 'an open between stop and limit fills at the open; max(open, S) <= L',
    negative: false,
    run({ expect, play }) {
      const { records } = play(stopLimit([flat(10), flat(10), flat(12.4), flat(12.4)], 12.5))

      expect(fillsOf(records)).toMatchObject([{ rule: 'F4', gross: 12.4, price: 12.4, step: 6, time: tau(2) }])
    },
  },
  {
    rule: 'F4',
    title: 'an open beyond the limit triggers without a fill; it rests as a limit, but only from the next bar',
    negative: true,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), [13, 13, 11, 13], [13, 13, 12, 13], flat(13)] as Row[]

      const { records } = play(stopLimit(bars, 12.5, {}, 200))

      // Slot 2 goes down to 11 after its trigger at 13: not yet. Slot 3 goes down to 12 < 12.5: maker, no slippage.
      expect(fillsOf(records)).toMatchObject([
        { rule: 'F2', orderType: 'stop_limit', gross: 12.5, price: 12.5, liquidity: 'maker', step: 7, time: tau(3) },
      ])
    },
  },
  {
    rule: 'F4',
    title: 'a limit under the stop waits for the price to come back after the trigger',
    negative: true,
    run({ expect, play }) {
      const bars = [flat(10), [10, 13, 10, 12], flat(12), [12, 12, 10.9, 12], flat(12)] as Row[]

      const { records } = play(stopLimit(bars, 11))

      // Met at 12 > 11 in slot 1; the low 10 of that bar is the wrong time on either line.
      expect(fillsOf(records)).toMatchObject([{ rule: 'F2', price: 11, time: tau(3) }])
    },
  },
  {
    rule: 'F4',
    title: 'ioc: what does not fill where it triggers is cancelled there',
    negative: true,
    run({ expect, play }) {
      const atOpen = play(stopLimit([flat(10), flat(10), flat(13)], 12.5, { timeInForce: 'ioc' }))
      const onPath = play(stopLimit([flat(10), flat(10), [10, 13, 10, 11]], 11, { timeInForce: 'ioc' }))

      const cancel = { kind: 'cancel', reason: 'unfilled', orderType: 'stop_limit', order: 1, time: tau(2) }
      expect(atOpen.records.slice(1)).toMatchObject([{ ...cancel, step: 6 }])
      expect(onPath.records.slice(1)).toMatchObject([{ ...cancel, step: 7 }])
    },
  },
]
