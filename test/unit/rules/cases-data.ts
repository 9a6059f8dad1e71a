import { checkGaps } from '../../../src/candles/gaps.ts'
import { checkQuality } from '../../../src/candles/quality.ts'
import { createLedger, sumsAgree } from '../../../src/ledger/ledger.ts'
import { canon } from '../../../src/math/canon.ts'
import { pow } from '../../../src/math/pow.ts'
import { seriesOf } from '../../support/timeline-input.ts'
import { flat, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

function barsOf(rows: Row[]) {
  return runOf({ bars: rows, decisions: [] }).bars[0]!
}

/** C3 and C4 apart from runs, T5 limits, and D. */
export const DATA_CASES: RuleCase[] = [
  {
    rule: 'C3',
    title: 'two sums further apart than 1e-9 of the larger of E0 and |E| are a breach',
    negative: true,
    run({ expect }) {
      // E0 = 1000: the tolerance is 1000 * 1e-9 = 1e-6. With |E| 5000 it is 5e-6.
      expect(sumsAgree(createLedger(1000), 1000, 1000 + 0.9e-6)).toBe(true)
      expect(sumsAgree(createLedger(1000), 1000, 1000 + 1.1e-6)).toBe(false)
      expect(sumsAgree(createLedger(1000), 5000, 5000 + 4.9e-6)).toBe(true)
      expect(sumsAgree(createLedger(1000), 5000, 5000 + 5.1e-6)).toBe(false)
    },
  },
  {
    rule: 'C4',
    title: 'sums run left to right, symbols in code-unit order',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [Array(2).fill(flat(0.1)), Array(2).fill(flat(0.2)), Array(2).fill(flat(0.3))],
        cash: 1,
        decisions: [0, 1, 2].map((symbol) => ({ bar: 0, signal: 'BUY' as const, symbol })),
      })

      const { equity } = play(input)

      const cash = 1 - 0.1 - 0.2 - 0.3 // 0.39999999999999997, as paid
      expect(equity[1]).toBe(cash + 0.1 + 0.2 + 0.3)
      expect(cash + 0.1 + 0.2 + 0.3).not.toBe(cash + 0.3 + 0.2 + 0.1)
    },
  },
  {
    rule: 'C4',
    title: 'canon: minus zero is zero and every NaN is the one with the bits 0x7ff8000000000000',
    negative: true,
    run({ expect }) {
      const bits = new DataView(new ArrayBuffer(8))
      bits.setFloat64(0, canon(Number.NaN))

      expect(Object.is(canon(-0), 0)).toBe(true)
      expect(bits.getBigUint64(0)).toBe(0x7ff8000000000000n)
    },
  },
  {
    rule: 'C4',
    title: 'pow is our own kernel: exact where the result is exact',
    negative: false,
    run({ expect }) {
      // 2^10, 3^4, 4^(1/2), 2^-3, 10^0
      expect([pow(2, 10), pow(3, 4), pow(4, 0.5), pow(2, -3), pow(10, 0)]).toEqual([1024, 81, 2, 0.125, 1])
    },
  },
  {
    rule: 'T5',
    title: 'one missing bar of twenty is within a share of 0.05, two of them are not',
    negative: true,
    run({ expect }) {
      const rows: Row[] = Array(20).fill(flat(10))
      const window = { firstSlot: tau(0) / 3_600_000, endSlot: tau(20) / 3_600_000, start: tau(0), end: tau(20) }
      const limits = { gaps: 'mark', maxSyntheticShare: 0.05, maxGapBars: 1440 } as const

      const one = checkGaps(seriesOf('AAA', '1h', barsOf(rows.with(7, null))), window, limits)
      const two = checkGaps(seriesOf('AAA', '1h', barsOf(rows.with(7, null).with(9, null))), window, limits)

      // 1 / 20 = 0.05, 2 / 20 = 0.1
      expect(one).toMatchObject({ ok: true, expected: 20, real: 19, synthetic: { count: 1, share: 1 / 20 } })
      expect(two).toMatchObject({ ok: false, symbol: 'AAA', count: 2 })
    },
  },
  {
    rule: 'D',
    title: 'a clean series has nothing to report',
    negative: false,
    run({ expect }) {
      const series = seriesOf(
        'AAA',
        '1h',
        barsOf([
          [10, 12, 9, 11],
          [11, 11, 10, 10.5],
          [10.5, 13, 10, 12],
        ]),
      )

      const report = checkQuality(series)

      expect(report.rejected.total).toBe(0)
      expect(report.warnings.total).toBe(0)
    },
  },
  {
    rule: 'D',
    title: 'each bad row is refused by number and reason',
    negative: true,
    run({ expect }) {
      const bars = barsOf([
        [10, 12, 9, 11],
        [10, 9.9, 9, 9.5], // the high is below the open
        [10, 12, 0, 11], // a price of 0
        [10, 12, 9, 11, -1], // negative volume
        [10, 12, 9, 11],
        [10, 12, 9, 11],
        [10, 12, 9, 11],
      ])
      bars[5] = { ...bars[5]!, time: tau(4) } // twice
      bars[6] = { ...bars[6]!, time: tau(6) + 1 } // off the grid

      const { rejected } = checkQuality(seriesOf('AAA', '1h', bars))

      expect(rejected.list.map(({ row, kind }) => `${row} ${kind}`)).toEqual([
        '2 high_low',
        '3 non_positive_price',
        '4 negative_volume',
        '6 duplicate_time',
        '7 off_grid',
      ])
    },
  },
  {
    rule: 'D',
    title: 'a run of five bars without volume is a warning, not a refusal',
    negative: false,
    run({ expect }) {
      const rows: Row[] = Array.from({ length: 9 }, (_, i) => [10, 12, 9, 10 + i / 10, i >= 2 && i < 7 ? 0 : 5])

      const { rejected, warnings } = checkQuality(seriesOf('AAA', '1h', barsOf(rows)))

      expect(rejected.total).toBe(0)
      expect(warnings.list).toMatchObject([{ row: 3, kind: 'zero_volume', time: tau(2) }])
    },
  },
]
