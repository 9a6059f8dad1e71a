import { fillsOf, flat, HOUR, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

/** A lot bought at 10 in slot 1, with TP 12 and SL 8; slot 2 is played by its detail candles. */
function heldRun(bar: Row, candles: Row[], changes: Partial<Parameters<typeof runOf>[0]> = {}) {
  return runOf({
    bars: [flat(10), flat(10), bar, flat(10)],
    detail: [null, null, candles],
    policies: { fill: 'detail' },
    decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12, slPrice: 8 }],
    ...changes,
  })
}

/** F7 `detail`: bars booked by shorter candles. */
export const DETAIL_CASES: RuleCase[] = [
  {
    rule: 'F7',
    title: 'detail: the detail candles tell which level came first, and the fill names the candle',
    negative: false,
    run({ expect, play }) {
      const bar: Row = [10, 13, 7, 11]

      // By worst the bar stops at 8. Its first half reaches 13 and goes no lower than 9.5: 12 was met first.
      const up = play(
        heldRun(bar, [
          [10, 13, 9.5, 11],
          [11, 11, 7, 11],
        ]),
      )
      expect(fillsOf(up.records)[1]).toMatchObject({ reason: 'take_profit', price: 12, needed: tau(2), time: tau(2) })
      // The other way round 7 comes first.
      const down = play(
        heldRun(bar, [
          [10, 10, 7, 9],
          [9, 13, 9, 11],
        ]),
      )
      expect(fillsOf(down.records)[1]).toMatchObject({ reason: 'stop_loss', price: 8, needed: tau(2) })
      const late = play(
        heldRun(bar, [
          [10, 11, 9, 11],
          [11, 13, 11, 11],
        ]),
      )
      expect(fillsOf(late.records)[1]).toMatchObject({ reason: 'take_profit', price: 12, needed: tau(2) + HOUR / 2 })
    },
  },
  {
    rule: 'F7',
    title: 'detail: a bar that its detail candles do not cover is booked by worst, and the fill says so',
    negative: true,
    run({ expect, play }) {
      // The second half is missing. worst is the first policy: 1 + 0.
      const run = heldRun([10, 13, 7, 11], [[10, 13, 9.5, 11], null])
      expect(fillsOf(play(run).records)[1]).toMatchObject({ reason: 'stop_loss', price: 8, needed: 1 })
    },
  },
  {
    rule: 'F7',
    title: 'detail: the extremes of a covered bar are those of its detail candles',
    negative: true,
    run({ expect, play }) {
      // The bar says 13 and 7, the candles 11.5 and 9: neither level is met.
      const run = heldRun(
        [10, 13, 7, 11],
        [
          [10, 11.5, 9, 10],
          [10, 11, 9, 11],
        ],
      )
      expect(fillsOf(play(run).records)).toHaveLength(1)
      // The other way round: the bar stands still, its second half reaches 12.5.
      const more = heldRun(flat(10), [flat(10), [10, 12.5, 10, 10]])
      expect(fillsOf(play(more).records)[1]).toMatchObject({ reason: 'take_profit', price: 12 })
    },
  },
  {
    rule: 'F7',
    title: 'detail: the path is one line from candle to candle, and each of them is played by worst',
    negative: false,
    run({ expect, play }) {
      // From the close 11 straight to the open 7.5: 8 is met on the way, at 8.
      const gap = heldRun(
        [10, 11, 7, 9],
        [
          [10, 11, 10, 11],
          [7.5, 9, 7, 9],
        ],
      )
      expect(fillsOf(play(gap).records)[1]).toMatchObject({ reason: 'stop_loss', price: 8, needed: tau(2) + HOUR / 2 })
      // Both levels lie in the first half: -10 + 12 > -10 + 8, 8 is booked.
      const both = heldRun([10, 13, 7, 11], [[10, 13, 7, 11], flat(11)])
      expect(fillsOf(play(both).records)[1]).toMatchObject({ reason: 'stop_loss', path: 'O-L-H-C', needed: tau(2) })
    },
  },
  {
    rule: 'F6',
    title: 'detail: an entry in one candle is followed by its bracket in the next ones',
    negative: false,
    run({ expect, play }) {
      // By worst of the bar the high 13 comes before the entry at 9. Here 9 is met in the first half, 12 in the second.
      const run = heldRun(
        [10, 13, 8.5, 11],
        [
          [10, 10, 8.5, 9],
          [9, 13, 9, 11],
        ],
        {
          decisions: [{ bar: 1, signal: 'BUY', entryPrice: 9, tpPrice: 12 }],
        },
      )
      expect(fillsOf(play(run).records)).toMatchObject([
        { reason: 'entry', price: 9, needed: tau(2) },
        { reason: 'take_profit', price: 12, needed: tau(2) + HOUR / 2, realised: 3 },
      ])
    },
  },
  {
    rule: 'F7',
    title: 'detail: a decision may ask for another policy, and for detail where the run has another',
    negative: false,
    run({ expect, play }) {
      const candles: Row[] = [
        [10, 13, 9.5, 11],
        [11, 11, 7, 11],
      ]
      const ask = { bar: 0, signal: 'BUY' as const, tpPrice: 12, slPrice: 8 }
      const asked = heldRun([10, 13, 7, 11], candles, {
        policies: { fill: 'worst' },
        decisions: [{ ...ask, crossingPolicy: 'detail' }],
      })
      expect(fillsOf(play(asked).records)[1]).toMatchObject({ reason: 'take_profit', needed: tau(2) })
      const other = heldRun([10, 13, 7, 11], candles, { decisions: [{ ...ask, crossingPolicy: 'worst' }] })
      expect(fillsOf(play(other).records)[1]).toMatchObject({ reason: 'stop_loss', needed: 1 })
    },
  },
]
