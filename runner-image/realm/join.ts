/**
 * Instants ascending, at each all symbols as of that instant (P1). A symbol is shown once `lookback` bars of it precede the
 * one that closes; before that its columns are NaN and it counts for nothing.
 */
import { slotOf } from '../../src/candles/interval.ts'
import { MAILBOX_STOP } from './mailbox-layout.ts'
import type { SymbolFeed } from './symbol-feed.ts'
import type { UnitJob } from './wire.ts'

export interface Join {
  /** Last closed bar of each symbol; -1: it is not ready. */
  readonly barOf: Int32Array
  /** Base slots since that bar closed. */
  readonly lateOf: (symbol: number) => number
  /** More rows have come. */
  refresh(): void
  /** Goes to the next instant at which a ready symbol closes a bar; infinity: there is none. */
  advance(): number
  /** Row of the first symbol that closed last. */
  index(): number
}

/** `onRow` is told each row that is shown. */
export function createJoin(
  job: UnitJob,
  feeds: readonly SymbolFeed[],
  { words, onRow }: { readonly words: Int32Array; readonly onRow: () => void },
): Join {
  const width = feeds.length
  const { stepMs, lookback } = job
  const closeOf = (s: number, row: number): number => {
    const { source, hidden } = feeds[s]!
    if (row >= source.rows) return Number.POSITIVE_INFINITY
    return stepMs === null ? source.closes![row]! : hidden.time[row]! + stepMs
  }
  const next = Int32Array.from(feeds, ({ source }) => source.firstInWindow)
  const nextClose = new Float64Array(width)
  const barOf = new Int32Array(width).fill(-1)
  const clock = { now: Number.NaN }
  for (let s = 0; s < width; s++) {
    feeds[s]!.frame.index = next[s]! - 1
    feeds[s]!.frame.fresh = false
  }

  /** All that closes at `now`; whether a ready symbol does. */
  function show(now: number): boolean {
    let isDue = false
    for (let s = 0; s < width; s++) {
      const feed = feeds[s]!
      const isFresh = nextClose[s] === now
      const row = isFresh ? next[s]! : -1
      if (isFresh) {
        next[s] = row + 1
        nextClose[s] = closeOf(s, row + 1)
        feed.frame.index = row
        if (row >= lookback) {
          isDue = true
          barOf[s] = row
          feed.reveal(row, onRow)
        }
      }
      feed.frame.fresh = isFresh && row >= lookback
      if (barOf[s]! >= 0) feed.expire(now)
    }
    return isDue
  }

  return {
    barOf,
    lateOf(s) {
      const closed = closeOf(s, barOf[s]!)
      if (stepMs !== null) return (clock.now - closed) / stepMs
      return slotOf(job.interval, clock.now - 1) - slotOf(job.interval, closed - 1)
    },
    refresh() {
      for (let s = 0; s < width; s++) nextClose[s] = closeOf(s, next[s]!)
    },
    advance() {
      for (;;) {
        let now = Number.POSITIVE_INFINITY
        for (let s = 0; s < width; s++) if (nextClose[s]! < now) now = nextClose[s]!
        if (now === Number.POSITIVE_INFINITY || words[MAILBOX_STOP] !== 0) return Number.POSITIVE_INFINITY
        if (!show(now)) continue
        clock.now = now
        return now
      }
    },
    index: () => next[0]! - 1,
  }
}
