import { slotOf } from '../candles/interval.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { DecisionLog } from './decision-log.ts'
import type { Window } from './window.ts'

/** Slots between the close of a row's bar and the instant of the decision; `late`: the column of the log, if it has one. */
export function lateSlots(late: Float64Array | undefined, row: number): number {
  const slots = late === undefined ? 0 : late[row]!
  return slots === slots ? slots : 0
}

/**
 * The slot, counted from the first one of the window, at whose open each row of a log is due: its instant. `series`: loaded
 * rows of the symbols that the log names by their place; rows that were checked against them, or were made from them.
 */
export function dueSlotsOf(
  log: DecisionLog,
  run: { series: readonly CandleSeries[]; window: Pick<Window, 'firstSlot'> },
): Int32Array {
  const due = new Int32Array(log.rows)
  const late = log.numbers.get('late')
  for (let row = 0; row < log.rows; row++) {
    const { interval, time } = run.series[log.symbol[row]!]!
    due[row] = slotOf(interval, time[log.bar[row]!]!) + 1 + lateSlots(late, row) - run.window.firstSlot
  }
  return due
}
