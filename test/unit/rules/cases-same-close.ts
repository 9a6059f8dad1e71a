import { fillsOf, flat, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

const execution = { marketFill: 'same_close' } as const

/** F1 with `marketFill: same_close`. */
export const SAME_CLOSE_CASES: RuleCase[] = [
  {
    rule: 'F1',
    title: 'same_close: market orders take the close of their decision with slippage, limits still the bars after it',
    negative: false,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), [12, 12, 12, 11], [15, 15, 15, 15], flat(15)]
      const input = runOf({
        bars,
        bps: 100,
        execution,
        decisions: [
          { bar: 0, signal: 'BUY', size: 2 },
          { bar: 1, signal: 'SELL' },
        ],
      })

      // Bought at the close 10 + 1 % at tau(1), sold at the close 11 - 1 % at tau(2).
      expect(fillsOf(play(input).records)).toMatchObject([
        { rule: 'F1', gross: 10, price: 10 * 1.01, time: tau(1), step: 6 },
        { rule: 'F1', gross: 11, price: 11 * 0.99, time: tau(2), step: 4 },
      ])
    },
  },
  {
    rule: 'F1',
    title: 'same_close: a lot bought at the close meets the open of the next bar after that, gap and all',
    negative: false,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), [7, 7, 6, 7], flat(7)]
      const input = runOf({ bars, execution, decisions: [{ bar: 0, signal: 'BUY', size: 1, slPrice: 8 }] })

      expect(fillsOf(play(input).records)).toMatchObject([
        { reason: 'entry', gross: 10, time: tau(1) },
        { reason: 'stop_loss', gross: 7, time: tau(1), step: 4 },
      ])
    },
  },
  {
    rule: 'F1',
    title: 'same_close: a close comes before the stop that the next open passes',
    negative: false,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), flat(10), flat(10), [7, 7, 7, 7], flat(7)]
      const input = runOf({
        bars,
        execution,
        decisions: [
          { bar: 0, signal: 'BUY', size: 1, slPrice: 8 },
          { bar: 2, signal: 'SELL' },
        ],
      })

      expect(fillsOf(play(input).records)[1]).toMatchObject({ reason: 'exit', gross: 10, time: tau(3) })
    },
  },
]
