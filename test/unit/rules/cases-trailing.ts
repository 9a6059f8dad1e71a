import { fillsOf, flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'
import type { ReferenceDecision } from '../../support/reference-engine-decision.ts'

/** Bought at 10, the open of slot 1, and what follows. */
function trailing(bars: Row[], ask: Partial<ReferenceDecision>, trailBasis: 'extreme' | 'close' = 'extreme') {
  return runOf({ bars: [flat(10), ...bars], execution: { trailBasis }, decisions: [{ bar: 0, signal: 'BUY', ...ask }] })
}

/** F5: trailing stops. */
export const TRAILING_CASES: RuleCase[] = [
  {
    rule: 'F5',
    title: 'a trailing stop lies its distance under the highest high of the bars before',
    negative: false,
    run({ expect, play }) {
      const bars = [[10, 11, 10, 11], [11, 15, 11, 14], [14, 14, 12, 13], flat(13)] as Row[]

      // Extreme 10, 11 after slot 1, 15 after slot 2: the stop of slot 3 is 15 - 2 = 13.
      expect(fillsOf(play(trailing(bars, { trailDistance: 2 })).records)[1]).toMatchObject({
        reason: 'trailing_stop',
        orderType: 'stop',
        rule: 'F3',
        gross: 13,
        price: 13,
        realised: 3,
        step: 7,
        time: tau(3),
      })
    },
  },
  {
    rule: 'F5',
    title: 'a high lifts the stop of the next bar, not that of its own',
    negative: true,
    run({ expect, play }) {
      const bars = [flat(10), [10, 15, 9, 14], flat(14)] as Row[]

      // 15 - 2 = 13 would have been met on the way down; the stop of slot 2 is 10 - 2 = 8.
      expect(fillsOf(play(trailing(bars, { trailDistance: 2 })).records)).toHaveLength(1)
    },
  },
  {
    rule: 'F5',
    title: 'a distance in percent is one of the extreme',
    negative: false,
    run({ expect, play }) {
      const bars = [[10, 20, 10, 20], [20, 20, 17, 17], flat(17)] as Row[]

      // 20 · 0.9 = 18
      expect(fillsOf(play(trailing(bars, { trailPct: 10 })).records)[1]).toMatchObject({ gross: 20 * (1 - 10 / 100) })
    },
  },
  {
    rule: 'F5',
    title: 'trailBasis close follows closes only',
    negative: false,
    run({ expect, play }) {
      const bars = [[10, 20, 10, 12], [12, 12, 9.5, 10], flat(10)] as Row[]

      // Extreme: close 12, not high 20. 12 - 2 = 10, met on the way to 9.5.
      expect(fillsOf(play(trailing(bars, { trailDistance: 2 }, 'close')).records)[1]).toMatchObject({ gross: 10 })
      expect(fillsOf(play(trailing(bars, { trailDistance: 2 })).records)[1]).toMatchObject({ gross: 12, step: 4 })
    },
  },
  {
    rule: 'F5',
    title: 'the bar of an entry on its path lifts nothing: its high may have been before',
    negative: true,
    run({ expect, play }) {
      const bars = [flat(10), [10, 16, 7, 10], [10, 10, 7.5, 8], [8, 8, 5.9, 6]] as Row[]

      const { records } = play(trailing(bars, { entryPrice: 8, trailDistance: 2 }))

      // Entered at 8 in slot 2: the stop of slot 3 is 8 - 2 = 6, not 16 - 2; of slot 4, after the high 10, 8.
      expect(fillsOf(records)).toMatchObject([
        { price: 8, time: tau(2), step: 7 },
        { reason: 'trailing_stop', gross: 8, time: tau(4), step: 4 },
      ])
    },
  },
  {
    rule: 'F5',
    title: 'it never loosens, and with a stop loss the higher of both acts under its own name',
    negative: true,
    run({ expect, play }) {
      const bars = [[10, 10.5, 10, 10.2], [10.2, 10.2, 9, 9], flat(9)] as Row[]

      // Trailing 10.5 - 2 = 8.5 under the stop loss 9.5, then over the stop loss 8.
      expect(fillsOf(play(trailing(bars, { trailDistance: 2, slPrice: 9.5 })).records)[1]).toMatchObject({
        reason: 'stop_loss',
        gross: 9.5,
      })
      expect(fillsOf(play(trailing(bars, { trailDistance: 1, slPrice: 8 })).records)[1]).toMatchObject({
        reason: 'trailing_stop',
        gross: 9.5,
      })
    },
  },
  {
    rule: 'F5',
    title: 'the stop lies on the tick, rounded down; a trail of 100 percent is refused',
    negative: true,
    run({ expect, play }) {
      const run = trailing([[10, 11.3, 10, 11], [11, 11, 9, 9], flat(9)] as Row[], { trailDistance: 1.2 })
      run.instruments = [{ tick: '0.5', step: null, minQuantity: null, minNotional: null }]

      // 11.3 - 1.2 = 10.1 -> 10.
      expect(fillsOf(play(run).records)[1]).toMatchObject({ gross: 10 })
      expect(refusalsOf(play(trailing([flat(10)], { trailPct: 100 })).records)).toMatchObject([
        { reason: 'bracket_inverted' },
      ])
    },
  },
  {
    rule: 'P3b',
    title: 'riskPerTrade reckons with the trailing stop, with the higher one of both',
    negative: false,
    run({ expect, play }) {
      const sizing = { builtin: 'riskPerTrade', params: { percent: 1 } }
      const of = (ask: Partial<ReferenceDecision>) =>
        play(runOf({ bars: [flat(10), flat(10)], sizing, decisions: [{ bar: 0, signal: 'BUY', ...ask }] })).records[0]

      // 1 % of 1,000 = 10; 10 / 2 and 10 / 0.5.
      expect(of({ trailDistance: 2 })).toMatchObject({ kind: 'admit', quantity: 5 })
      expect(of({ trailDistance: 2, slPrice: 9.5 })).toMatchObject({ kind: 'admit', quantity: 20 })
    },
  },
]
