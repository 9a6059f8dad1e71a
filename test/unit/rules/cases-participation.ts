import { fillsOf, flat, runOf, tau, type Row, type RuleCase } from './rule-case.ts'
import type { ReferenceDecision } from '../../support/reference-engine-decision.ts'

type Ask = Partial<ReferenceDecision> & { bar: number; signal: 'BUY' | 'SELL' }

/** Bars trade 100 unless said otherwise; fills may take 4 % of that, 4 units. */
function capped(bars: Row[], decisions: Ask[], more: { cash?: number; step?: string; leverage?: number } = {}) {
  const { cash = 1000, step, leverage } = more
  const execution = { participation: 0.04 }
  const perpetual = leverage === undefined ? {} : { perpetual: { leverage } }
  return runOf({
    bars,
    decisions,
    cash,
    execution,
    ...perpetual,
    ...(step === undefined ? {} : { instrument: { step } }),
  })
}

const FLAT: Row[] = Array.from({ length: 8 }, () => flat(10))

/** F9: what a bar has room for. */
export const PARTICIPATION_CASES: RuleCase[] = [
  {
    rule: 'F9',
    title: 'a market order takes its share of each bar, the rest the next opens; one lot with its average entry',
    negative: false,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), flat(13), flat(11), flat(11), flat(11)]

      const { records, equity } = play(
        capped(bars, [
          { bar: 0, signal: 'BUY', size: 10 },
          { bar: 4, signal: 'SELL' },
        ]),
      )

      // 4 at 10, 4 at 13, 2 at 11: 114 for 10. Then 4 of them go at 11: 4 · (11 − 11.4) = −1.6.
      const buy = { reason: 'entry', order: 1, lot: 1, decision: 1, step: 6, orderType: 'market' }
      expect(fillsOf(records).slice(0, 3)).toMatchObject([
        { ...buy, quantity: 4, price: 10, time: tau(1) },
        { ...buy, quantity: 4, price: 13, time: tau(2) },
        { ...buy, quantity: 2, price: 11, time: tau(3) },
      ])
      const average = (8 * ((4 * 10 + 4 * 13) / 8) + 2 * 11) / 10
      expect(fillsOf(records).slice(3)).toMatchObject([
        { reason: 'exit', quantity: 4, realised: 4 * (11 - average), time: tau(5) },
      ])
      expect(equity.at(-1)).toBeCloseTo(1000 - 114 + 110, 9)
    },
  },
  {
    rule: 'F9',
    title: 'all fills of a symbol in one bar share its room, in their order',
    negative: true,
    run({ expect, play }) {
      const run = capped(FLAT, [
        { bar: 0, signal: 'BUY', size: 3 },
        { bar: 0, signal: 'BUY', size: 3 },
      ])
      run.config.execution.onSame = 'add'

      expect(fillsOf(play(run).records)).toMatchObject([
        { lot: 1, quantity: 3, time: tau(1) },
        { lot: 2, quantity: 1, time: tau(1) },
        { lot: 2, quantity: 2, time: tau(2) },
      ])
    },
  },
  {
    rule: 'F9',
    title: 'the room is rounded down to the step',
    negative: true,
    run({ expect, play }) {
      const records = play(capped(FLAT, [{ bar: 0, signal: 'BUY', size: 4.5 }], { step: '1.5' })).records

      // 4.5 is 3 steps; 4 units are 2 of them.
      expect(fillsOf(records)).toMatchObject([{ quantity: 3 }, { quantity: 1.5, time: tau(2) }])
    },
  },
  {
    rule: 'F9',
    title:
      'the rest of a limit works on at its price and is reserved anew; ioc cancels it, fok fills whole or not at all',
    negative: false,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), [10, 10, 7, 10], flat(10), [10, 10, 7, 10], flat(10)] as Row[]
      const ask = { bar: 0, signal: 'BUY' as const, size: 6 }
      const resting = play(capped(bars, [{ ...ask, entryPrice: 8 }])).records
      const ioc = play(capped(bars, [{ ...ask, timeInForce: 'ioc' }])).records
      const fok = play(capped(bars, [{ ...ask, timeInForce: 'fok' }])).records

      expect(fillsOf(resting)).toMatchObject([
        { quantity: 4, price: 8, time: tau(2) },
        { quantity: 2, price: 8, time: tau(4) },
      ])
      expect(ioc.slice(1)).toMatchObject([
        { kind: 'fill', quantity: 4 },
        { kind: 'cancel', reason: 'unfilled', quantity: 2, step: 6, time: tau(1) },
      ])
      expect(fok.slice(1)).toMatchObject([{ kind: 'cancel', reason: 'unfilled', quantity: 6, time: tau(1) }])
    },
  },
  {
    rule: 'F9',
    title: 'a stop loss that its bar has no room for is sold at the next opens, and the take profit is gone',
    negative: true,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), flat(10), [10, 10, 8, 9], flat(13), flat(13)] as Row[]
      const records = play(capped(bars, [{ bar: 0, signal: 'BUY', size: 7, slPrice: 9, tpPrice: 12 }])).records

      // 4 and 3 bought; slot 3 sells 4 at 9. The other 3 take the open 13, as a stop, not the take profit 12.
      expect(fillsOf(records).slice(2)).toMatchObject([
        { reason: 'stop_loss', quantity: 4, price: 9, step: 7, time: tau(3) },
        { reason: 'stop_loss', quantity: 3, price: 13, step: 4, time: tau(4) },
      ])
    },
  },
  {
    rule: 'F9',
    title: 'a bracket is as large as what its lot has filled, and cancels the rest of the entry when it acts',
    negative: false,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), flat(13), flat(13)]
      const records = play(capped(bars, [{ bar: 0, signal: 'BUY', size: 9, tpPrice: 12 }])).records

      expect(records.slice(1)).toMatchObject([
        { kind: 'fill', reason: 'entry', quantity: 4, time: tau(1) },
        { kind: 'cancel', reason: 'closed_lot', order: 1, quantity: 5, decision: 1, step: 4, time: tau(2) },
        { kind: 'fill', reason: 'take_profit', quantity: 4, price: 12, time: tau(2) },
      ])
    },
  },
  {
    rule: 'F9',
    title: 'the rest of a take profit works on at its price',
    negative: false,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), flat(10), [10, 13, 10, 10], [10, 13, 10, 10], flat(10)] as Row[]
      const records = play(capped(bars, [{ bar: 0, signal: 'BUY', size: 7, tpPrice: 12 }])).records

      expect(fillsOf(records).slice(2)).toMatchObject([
        { reason: 'take_profit', quantity: 4, price: 12, time: tau(3) },
        { reason: 'take_profit', quantity: 3, price: 12, time: tau(4) },
      ])
    },
  },
  {
    rule: 'F9',
    title: 'the rest of an order is held against the cash of then: shrunk, or cancelled when nothing is left',
    negative: true,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), flat(20), flat(40)]
      const records = play(capped(bars, [{ bar: 0, signal: 'BUY', size: 10 }], { cash: 100 })).records

      // 4 at 10 leave 60: 3 at 20. Nothing is left.
      expect(fillsOf(records)).toMatchObject([
        { quantity: 4, price: 10 },
        { quantity: 3, price: 20, cash: 0 },
      ])
    },
  },
  {
    rule: 'F9',
    title: 'a full close sells the lots of its first bar, not one that is opened meanwhile',
    negative: true,
    run({ expect, play }) {
      const run = capped(FLAT, [
        { bar: 0, signal: 'BUY', size: 4 },
        { bar: 1, signal: 'BUY', size: 4 },
        { bar: 2, signal: 'SELL' },
        { bar: 3, signal: 'BUY', size: 1, rank: 1 },
      ])
      run.config.execution.onSame = 'add'

      // The close takes the room of slots 3 and 4; the third lot is bought in slot 5 and stays.
      expect(fillsOf(play(run).records).map(({ reason, lot, time }) => [reason, lot, time])).toEqual([
        ['entry', 1, tau(1)],
        ['entry', 2, tau(2)],
        ['exit', 1, tau(3)],
        ['exit', 2, tau(4)],
        ['entry', 3, tau(5)],
      ])
    },
  },
  {
    rule: 'F9',
    title:
      'perpetuals: a part of a short covered by its stop releases its part of the wallet, the rest goes at the next opens',
    negative: false,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), flat(10), [10, 12, 10, 10], flat(10), flat(10)] as Row[]
      const run = capped(bars, [{ bar: 0, signal: 'SELL', size: 6, slPrice: 11 }], { leverage: 2 })

      // Sold 4 and 2 at 10 with 5 of margin each: wallet 30. Bought back 4 at 11: -4, 20 of the wallet; 2 at 10: 0.
      const fills = fillsOf(play(run).records)
      expect(fills).toMatchObject([
        { reason: 'entry', quantity: 4, cash: 980, time: tau(1) },
        { reason: 'entry', quantity: 2, cash: 970, time: tau(2) },
        { reason: 'stop_loss', quantity: 4, price: 11, realised: -4, cash: 986, time: tau(3) },
        { reason: 'stop_loss', quantity: 2, price: 10, realised: 0, cash: 996, time: tau(4) },
      ])
    },
  },
  {
    rule: 'F9',
    title: 'perpetuals: a liquidation takes all of its position, whatever the bar has room for',
    negative: false,
    run({ expect, play }) {
      const bars = [flat(10), flat(10), flat(10), [10, 10, 4, 5], flat(5)] as Row[]
      const run = capped(bars, [{ bar: 0, signal: 'BUY', size: 8 }], { leverage: 2 })

      // 4 and 4 at 10 with leverage 2: wallet 40 of 8, bankrupt at 5.
      expect(fillsOf(play(run).records).slice(2)).toMatchObject([
        { reason: 'liquidation', quantity: 8, price: 5, realised: -40, time: tau(3) },
      ])
    },
  },
]
