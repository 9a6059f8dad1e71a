import { slotOf } from '../candles/interval.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { DecisionLog } from './decision-log.ts'
import type { Window } from './window.ts'

/**
 * The slot of the window at whose open each row of a log is due: its instant. `series`: loaded rows of the symbols that the
 * log names by their place; rows that were checked against them, or were made from them.
 */
export function dueSlotsOf(log: DecisionLog, run: { series: readonly CandleSeries[]; window: Window }): Int32Array {
  const due = new Int32Array(log.rows)
  const late = log.numbers.get('late')
  for (let row = 0; row < log.rows; row++) {
    const { interval, time } = run.series[log.symbol[row]!]!
    const slots = late === undefined || Number.isNaN(late[row]) ? 0 : late[row]!
    due[row] = slotOf(interval, time[log.bar[row]!]!) + 1 + slots - run.window.firstSlot
  }
  return due
}
