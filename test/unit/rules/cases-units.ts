import { loadedRows } from '../../../src/backtest/window.ts'
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
    symbol: 'AAA',
    interval: '1h',
    instrument: null,
    params: {},
    args: {},
    randomState: [1, 2, 3, 4],
    rows: series.rows,
    offsets: CANDLE_COLUMNS.map((_, i) => 8 * i * series.rows),
    indicators: [],
    ...options,
    stepMs: HOUR,
    closes: null,
    maxDecisions: 10,
    maxDecisionsPerCall: 10,
  }
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  runUnit({ strategy: new Watcher({}), job, memory, mailbox, random: () => 0.5 })
}

/** P1: what a work unit sees. */
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
