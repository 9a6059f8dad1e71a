import { slotOf, slotOpen, type Interval } from '../candles/interval.ts'

/** A span of time, ms UTC. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The longest span inside all windows whose ends lie on the bars of all intervals: runs of different intervals are
 * compared from whole bar to whole bar. Null: there is none.
 */
export function commonWindow(runs: readonly { readonly window: Span; readonly interval: Interval }[]): Span | null {
  const intervals = runs.map((run) => run.interval)
  const latest = Math.max(...runs.map((run) => run.window.start))
  const earliest = Math.min(...runs.map((run) => run.window.end))
  const start = settle(latest, intervals, ceilToBar, (time) => time < earliest)
  const end = settle(earliest, intervals, floorToBar, (time) => time > latest)
  return start === null || end === null || start >= end ? null : { start, end }
}

/** Moves a time until it lies on the bars of all intervals; null: it left the range before. */
function settle(
  from: number,
  intervals: readonly Interval[],
  move: (interval: Interval, time: number) => number,
  isInside: (time: number) => boolean,
): number | null {
  let time = from
  let before = Number.NaN
  while (time !== before) {
    if (!isInside(time)) return null
    before = time
    for (const interval of intervals) time = move(interval, time)
  }
  return time
}

function floorToBar(interval: Interval, time: number): number {
  return slotOpen(interval, slotOf(interval, time))
}

function ceilToBar(interval: Interval, time: number): number {
  const floor = floorToBar(interval, time)
  return floor === time ? time : slotOpen(interval, slotOf(interval, time) + 1)
}
