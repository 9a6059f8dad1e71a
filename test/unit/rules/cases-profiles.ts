import { fillsOf, flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'
import type { ReferenceConfig } from '../../support/reference-engine-types.ts'

type Execution = Partial<ReferenceConfig['execution']>

/** Bought at 10 with a take profit at 12, which the bar of the entry passes, as does the bar after. */
function takenTwice(execution: Execution) {
  const bars: Row[] = [flat(10), [10, 14, 10, 11], [11, 12.5, 11, 11]]
  return runOf({ bars, execution, decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12 }] })
}

/** A limit of 9 that the first bar fills on its way to 7, under the stop of 8; slot 3 meets 8 again. */
function limitOverStop(execution: Execution) {
  const bars: Row[] = [flat(10), [10, 10, 7, 9], flat(9), [9, 9, 7.5, 8]]
  return runOf({ bars, execution, decisions: [{ bar: 0, signal: 'BUY', entryPrice: 9, slPrice: 8 }] })
}

/** The open of the entry lies over its take profit of 12. */
function openOverTake(execution: Execution) {
  return runOf({
    bars: [flat(10), flat(13), flat(13)],
    execution,
    decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12 }],
  })
}

/** Settings that profiles decide: bracketFrom (F6), restingLimit (F2), quantity (F10). */
export const PROFILE_CASES: RuleCase[] = [
  {
    rule: 'F6',
    title: 'bracketFrom line and market_entries: the bracket of a market entry acts in its bar',
    negative: false,
    run({ expect, play }) {
      for (const bracketFrom of ['line', 'market_entries'] as const) {
        const [, exit] = fillsOf(play(takenTwice({ bracketFrom })).records)

        expect(exit).toMatchObject({ reason: 'take_profit', price: 12, time: tau(1), step: 7 })
      }
    },
  },
  {
    rule: 'F6',
    title: 'bracketFrom next_bar: it acts from the bar after the entry',
    negative: true,
    run({ expect, play }) {
      const [, exit] = fillsOf(play(takenTwice({ bracketFrom: 'next_bar' })).records)

      expect(exit).toMatchObject({ reason: 'take_profit', price: 12, time: tau(2), step: 7 })
    },
  },
  {
    rule: 'F6',
    title: 'bracketFrom market_entries and next_bar: the stop of a limit entry does not act in its bar',
    negative: true,
    run({ expect, play }) {
      const exitOf = (bracketFrom: 'line' | 'next_bar' | 'market_entries') =>
        fillsOf(play(limitOverStop({ bracketFrom })).records)[1]

      expect(exitOf('line')).toMatchObject({ reason: 'stop_loss', price: 8, time: tau(1) })
      expect(exitOf('market_entries')).toMatchObject({ reason: 'stop_loss', price: 8, time: tau(3) })
      expect(exitOf('next_bar')).toMatchObject({ reason: 'stop_loss', price: 8, time: tau(3) })
    },
  },
  {
    rule: 'F6',
    title: 'bracketFrom next_bar: a trailing stop follows the bar of the entry and acts in the next',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [10, 11, 7, 10], [10, 10, 8.5, 9]],
        execution: { bracketFrom: 'next_bar' },
        decisions: [{ bar: 0, signal: 'BUY', trailDistance: 2 }],
      })

      // 10 - 2 = 8 would have sold in slot 1; its high lifts the stop to 11 - 2 = 9.
      expect(fillsOf(play(input).records)[1]).toMatchObject({ reason: 'trailing_stop', price: 9, time: tau(2) })
    },
  },
  {
    rule: 'F7',
    title: 'bracketFrom next_bar: an open beyond the take profit is no reason to refuse the entry',
    negative: false,
    run({ expect, play }) {
      const line = play(openOverTake({ bracketFrom: 'line' }))
      const next = play(openOverTake({ bracketFrom: 'next_bar' }))

      expect(refusalsOf(line.records)).toMatchObject([{ reason: 'bracket_passed' }])
      // Bought at 13; at the next open of 13 the resting limit of 12 sells at 12.
      expect(fillsOf(next.records)).toMatchObject([
        { price: 13, time: tau(1) },
        { reason: 'take_profit', price: 12, realised: -1, time: tau(2), step: 4 },
      ])
    },
  },
  {
    rule: 'F2',
    title: 'restingLimit open: a limit that the open has passed fills at that open, entry and take profit',
    negative: false,
    run({ expect, play }) {
      const execution = { restingLimit: 'open' } as const
      const decision = { bar: 0, signal: 'BUY' } as const
      const entry = runOf({
        bars: [flat(10), flat(10), flat(6)],
        execution,
        decisions: [{ ...decision, entryPrice: 8 }],
      })
      const exit = runOf({
        bars: [flat(10), flat(10), flat(15)],
        execution,
        decisions: [{ ...decision, tpPrice: 12 }],
      })

      expect(fillsOf(play(entry).records)).toMatchObject([{ gross: 6, price: 6, liquidity: 'maker', step: 6 }])
      expect(fillsOf(play(exit).records)[1]).toMatchObject({ gross: 15, price: 15, liquidity: 'maker', step: 4 })
    },
  },
  {
    rule: 'F2',
    title: 'restingLimit open: on the line a limit still fills at its price',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [9, 9, 6, 7]],
        execution: { restingLimit: 'open' },
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 8 }],
      })

      expect(fillsOf(play(input).records)).toMatchObject([{ price: 8, liquidity: 'maker', step: 7 }])
    },
  },
  {
    rule: 'F10',
    title: 'quantity integer: whole units without a step and with a finer one; a coarser step of whole units stays',
    negative: false,
    run({ expect, play }) {
      const bought = (size: number, step: string | null, quantity: 'steps' | 'integer') => {
        const decisions = [{ bar: 0, signal: 'BUY' as const, size }]
        const input = runOf({ bars: [flat(10), flat(10)], execution: { quantity }, instrument: { step }, decisions })
        return fillsOf(play(input).records)[0]!.quantity
      }

      expect(bought(2.7, null, 'steps')).toBe(2.7)
      expect(bought(2.7, null, 'integer')).toBe(2)
      expect(bought(2.7, '0.5', 'steps')).toBe(2.5)
      expect(bought(2.7, '0.5', 'integer')).toBe(2)
      expect(bought(5, '2', 'integer')).toBe(4)
    },
  },
  {
    rule: 'F10',
    title: 'quantity integer: less than one unit is refused',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10)],
        execution: { quantity: 'integer' },
        decisions: [{ bar: 0, signal: 'BUY', size: 0.9 }],
      })

      expect(refusalsOf(play(input).records)).toMatchObject([{ reason: 'zero_quantity' }])
    },
  },
]
