import { loadedRows } from '../../../src/backtest/window.ts'
import { type ColumnSet, Resampler } from '../../../src/candles/resample.ts'
import { CANDLE_COLUMNS } from '../../../src/candles/series.ts'
import { MAILBOX_BYTES } from '../../../runner-image/realm/mailbox-layout.ts'
import { runUnit } from '../../../runner-image/realm/unit.ts'
import type { UnitJob } from '../../../runner-image/realm/wire.ts'
import type { DecisionContext } from '../../../src/strategies/decision-types.ts'
import { BaseStrategy } from '../../../src/strategies/base-strategy.ts'
import { seriesOf } from '../../support/timeline-input.ts'
import { flat, HOUR, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

/** Runs `decide` over the bars of one symbol as a unit does; answers nothing. */
function watchUnit(
  rows: Row[],
  options: { lookback: number; firstInWindow: number; length: number },
  see: (context: DecisionContext) => void,
): void {
  const { firstInWindow, ...sizes } = options
  const { bars } = runOf({ bars: rows, decisions: [] })
  const series = seriesOf('AAA', '1h', bars[0]!)
  const memory = new SharedArrayBuffer(8 * CANDLE_COLUMNS.length * series.rows)
  CANDLE_COLUMNS.forEach((name, i) => new Float64Array(memory, 8 * i * series.rows, series.rows).set(series[name]))
  class Watcher extends BaseStrategy {
    override decide(context: DecisionContext): null {
      see(context)
      return null
    }
  }
  const job: UnitJob = {
    symbols: [
      {
        symbol: 'AAA',
        instrument: null,
        rows: series.rows,
        capacity: series.rows,
        offsets: CANDLE_COLUMNS.map((_, i) => 8 * i * series.rows),
        firstInWindow,
        closes: null,
      },
    ],
    interval: '1h',
    params: {},
    args: {},
    randomState: [1, 2, 3, 4],
    start: series.time[0]! + firstInWindow * HOUR,
    end: series.time[0]! + (firstInWindow + rows.length) * HOUR,
    indicators: [],
    intervals: [],
    ...sizes,
    stepMs: HOUR,
    maxDecisions: 10,
    maxDecisionsPerCall: 10,
    executors: [],
  }
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  runUnit({ strategy: new Watcher({}), job, memories: [memory], mailbox, random: () => 0.5 })
}

/** Columns of rows [hour, open, high, low, close, volume]. */
function candlesOf(rows: number[][]): ColumnSet {
  const column = (at: number) => Float64Array.from(rows, (row) => row[at]! * (at === 0 ? HOUR : 1))
  return Object.fromEntries(CANDLE_COLUMNS.map((name, at) => [name, column(at)])) as unknown as ColumnSet
}

/** P1 and T4: what a work unit sees. */
export const UNIT_CASES: RuleCase[] = [
  {
    rule: 'P1',
    title:
      'exactly requiredLookback bars before the start are loaded, and decide is called from the first bar of the window on',
    negative: false,
    run({ expect }) {
      const { bars } = runOf({ bars: [flat(1), flat(2), flat(3), flat(4), flat(5)], decisions: [] })
      const window = { firstSlot: 0, endSlot: 2, start: tau(3), end: tau(5) }
      const seen: number[][] = []

      const loaded = loadedRows(seriesOf('AAA', '1h', bars[0]!), window, 2)
      watchUnit([flat(2), flat(3), flat(4), flat(5)], { lookback: 2, firstInWindow: 2, length: 4 }, (context) => {
        seen.push([context.index, context.time, context.candles.close[context.index]!])
      })

      // Five bars, the window begins with the fourth: rows 1 and 2 are the lookback. tau is the close of the bar.
      expect(loaded).toEqual({ from: 3 - 2, to: 5, firstInWindow: 2 })
      expect(seen).toEqual([
        [2, tau(3), 4],
        [3, tau(4), 5],
      ])
    },
  },
  {
    rule: 'P1',
    title: 'a symbol with too few bars before the window is not ready until requiredLookback bars precede the bar',
    negative: true,
    run({ expect }) {
      const seen: number[] = []

      watchUnit([flat(1), flat(2), flat(3), flat(4)], { lookback: 3, firstInWindow: 1, length: 6 }, (context) => {
        seen.push(context.index)
      })

      // One bar before the window instead of three: indices 1 and 2 are below the lookback, 3 is the first.
      expect(seen).toEqual([3])
    },
  },
  {
    rule: 'T4',
    title: 'a bar of two hours is there once it has closed, and is built of the bars of the run',
    negative: false,
    run({ expect }) {
      const columns = candlesOf([
        [0, 10, 14, 9, 11, 1],
        [1, 11, 12, 8, 12, 2],
        [2, 12, 13, 11, 13, 4],
        [3, 13, 15, 12, 14, 8],
      ])
      const bars = new Resampler({ source: columns, base: '1h', interval: '2h', length: 2 })
      const seen: number[] = []

      for (let row = 0; row < 4; row++) {
        bars.take(row)
        seen.push(bars.rows)
      }

      // Open of the first, highest high, lowest low, close of the last, sum of volumes
      expect(seen).toEqual([0, 1, 1, 2])
      expect(CANDLE_COLUMNS.map((name) => [...bars.columns[name]])).toEqual([
        [0, 2 * HOUR],
        [10, 12],
        [14, 15],
        [8, 11],
        [12, 14],
        [3, 12],
      ])
    },
  },
  {
    rule: 'T4',
    title: 'the first bar is dropped unless it is whole, and one that misses bars is flagged',
    negative: true,
    run({ expect }) {
      const flatAt = (hour: number): number[] => [hour, 5, 5, 5, 5, 1]
      const columns = candlesOf([1, 2, 4, 5].map(flatAt))
      const bars = new Resampler({ source: columns, base: '1h', interval: '2h', length: 3 })

      for (let row = 0; row < 4; row++) bars.take(row)

      // 0-2 h has only its second hour; of 2-4 h the second is missing; 4-6 h is whole
      expect(bars.rows).toBe(2)
      expect([...bars.columns.time.subarray(0, 2)]).toEqual([2 * HOUR, 4 * HOUR])
      expect([...bars.partial.subarray(0, 2)]).toEqual([1, 0])
    },
  },
  {
    rule: 'P1',
    title: 'the future has not been written yet: entries after the index are NaN, and the array is as long as the grid',
    negative: true,
    run({ expect }) {
      const seen: (number | null)[][] = []

      watchUnit([flat(1), null, flat(3)], { lookback: 0, firstInWindow: 0, length: 3 }, (context) => {
        seen.push([...context.candles.close].map((value) => (Number.isNaN(value) ? null : value)))
      })

      // Three slots, one of them missing: the tail stays NaN.
      expect(seen).toEqual([
        [1, null, null],
        [1, 3, null],
      ])
    },
  },
]
