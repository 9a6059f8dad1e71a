import { fillsOf, flat, HOUR, runOf, START, tau, type Row, type RuleCase } from './rule-case.ts'
import type { ReferenceDecision } from '../../support/reference-engine-decision.ts'

/** Ten bars at 10, the eighth of which goes down to 7. */
const DIP: Row[] = Array.from({ length: 10 }, (_, slot): Row => (slot === 7 ? [10, 10, 7, 10] : flat(10)))

/** A limit at 8 that is decided at the end of slot 0 and admitted at tau(1). */
function limitAt8(life: Partial<ReferenceDecision>, bars = DIP) {
  return runOf({ bars, decisions: [{ bar: 0, signal: 'BUY', entryPrice: 8, ...life }] })
}

/** F5: how long an entry works. */
export const TIME_IN_FORCE_CASES: RuleCase[] = [
  {
    rule: 'F5',
    title: 'gtd(n) works in n bars, that of its admission included',
    negative: false,
    run({ expect, play }) {
      const { records } = play(limitAt8({ timeInForce: 'gtd', expiresAfterBars: 7 }))

      // Admitted at tau(1): slots 1 to 7; the dip is in slot 7.
      expect(fillsOf(records)).toMatchObject([{ price: 8, time: tau(7) }])
    },
  },
  {
    rule: 'F5',
    title: 'gtd(n) is cancelled at the end of its last bar, before the decisions of that instant',
    negative: true,
    run({ expect, play }) {
      const run = limitAt8({ timeInForce: 'gtd', expiresAfterBars: 6 })
      run.decisions.push({ unit: 0, bar: 6, symbol: 0, sequence: 1, signal: 'BUY', entryPrice: 9 })

      const { records } = play(run)

      // Slots 1 to 6; at tau(7) the symbol is free again, so the second decision is not `already_open`.
      expect(records).toMatchObject([
        { kind: 'admit', order: 1, gross: 8 },
        { kind: 'cancel', reason: 'expired', order: 1, decision: 1, step: 1, time: tau(7), quantity: 1 },
        { kind: 'admit', order: 2, gross: 9, time: tau(7) },
        { kind: 'fill', order: 2, price: 9, time: tau(7) },
      ])
    },
  },
  {
    rule: 'F5',
    title: 'the bars of gtd are slots: missing ones count',
    negative: true,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), flat(10), null, null, [10, 10, 7, 10], flat(10)]

      const { records } = play(limitAt8({ timeInForce: 'gtd', expiresAfterBars: 3 }, bars))

      // Slots 1, 2 and 3, the last two without a bar.
      expect(records.slice(1)).toMatchObject([{ kind: 'cancel', reason: 'expired', time: tau(4) }])
    },
  },
  {
    rule: 'F5',
    title: 'day works until the next midnight UTC',
    negative: true,
    run({ expect, play }) {
      const bars: Row[] = Array.from({ length: 28 }, (_, slot): Row => (slot >= 24 ? [10, 10, 7, 10] : flat(10)))

      const { records } = play(limitAt8({ timeInForce: 'day' }, bars))

      // tau(24) is the first midnight after tau(1); the bar with the dip begins then.
      expect(records.slice(1)).toMatchObject([{ kind: 'cancel', reason: 'expired', step: 1, time: START + 24 * HOUR }])
    },
  },
  {
    rule: 'F5',
    title: 'gtc, the default, works until it fills',
    negative: false,
    run({ expect, play }) {
      for (const life of [{}, { timeInForce: 'gtc' as const }]) {
        expect(fillsOf(play(limitAt8(life)).records)).toMatchObject([{ price: 8, time: tau(7) }])
      }
    },
  },
  {
    rule: 'F5',
    title: 'ioc and fok: a limit that the first open does not pass is cancelled there',
    negative: true,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), [10, 10, 7, 10], flat(10)]
      for (const timeInForce of ['ioc', 'fok'] as const) {
        expect(play(limitAt8({ timeInForce }, bars)).records).toMatchObject([
          { kind: 'admit', order: 1 },
          { kind: 'cancel', reason: 'unfilled', order: 1, orderType: 'limit', step: 6, time: tau(1), quantity: 1 },
        ])
      }
    },
  },
  {
    rule: 'F5',
    title: 'ioc: a limit at or over the first open and a market order fill, a stop waits for its trigger',
    negative: false,
    run({ expect, play }) {
      const life = { timeInForce: 'ioc' as const }
      const limit = limitAt8(life, [flat(10), flat(8), flat(8)])
      const market = limitAt8({ ...life, entryType: 'market' })
      const stop = runOf({
        bars: [flat(10), flat(10), [10, 13, 10, 11]],
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 12, ...life }],
      })

      expect(fillsOf(play(limit).records)).toMatchObject([{ price: 8, time: tau(1) }])
      expect(fillsOf(play(market).records)).toMatchObject([{ price: 10, time: tau(1) }])
      expect(fillsOf(play(stop).records)).toMatchObject([{ price: 12, time: tau(2) }])
    },
  },
]
