/**
 * The loop of units with several symbols, higher intervals or fit: instants ascending, at each all symbols of the unit as of
 * that instant (P1). A symbol is shown once `lookback` bars of it precede the one that closes; before that its columns are
 * NaN and it counts for nothing.
 */
import { slotOf } from '../../src/candles/interval.ts'
import { createSink } from './decision-rows.ts'
import type { Fitter } from './fit.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_STOP } from './mailbox-layout.ts'
import type { UnitRun } from './unit.ts'
import type { RealmRows } from './wire.ts'

/** A unit that goes as far as there are rows, and goes on when there are more. */
export interface UnitGroup {
  /** Decides at all instants that have come since the last time; answers the rows since the last answer. */
  advance(): RealmRows
  /** Decides at the next instant; false: there is none yet. */
  step(): boolean
}

export function createGroup(run: UnitRun, fitter: Fitter | null): UnitGroup {
  const { strategy, decide, job, feeds, context, words, barTimes } = run
  const width = feeds.length
  const { stepMs, lookback } = job
  const closeOf = (s: number, row: number): number => {
    const { source, hidden } = feeds[s]!
    if (row >= source.rows) return Number.POSITIVE_INFINITY
    return stepMs === null ? source.closes![row]! : hidden.time[row]! + stepMs
  }
  const next = Int32Array.from(feeds, ({ source }) => source.firstInWindow)
  const nextClose = new Float64Array(width)
  // Row that a decision for the symbol is made on; -1: it is not ready
  const barOf = new Int32Array(width).fill(-1)
  const clock = { now: Number.NaN }
  const lateOf = (s: number): number => {
    const closed = closeOf(s, barOf[s]!)
    if (stepMs !== null) return (clock.now - closed) / stepMs
    return slotOf(job.interval, clock.now - 1) - slotOf(job.interval, closed - 1)
  }
  const sink = createSink({
    method: 'decide',
    symbols: context.symbols,
    needsSymbol: false,
    maxDecisions: job.maxDecisions,
    maxDecisionsPerCall: job.maxDecisionsPerCall,
    at: { barOf, lateOf },
  })
  let done = 0
  const onRow = (): void => void (words[MAILBOX_ROW] = ++done)
  for (let s = 0; s < width; s++) {
    feeds[s]!.frame.index = next[s]! - 1
    feeds[s]!.frame.fresh = false
  }
  fitter?.fit(job.start)

  let taken = 0

  function play(instants: number): number {
    for (let s = 0; s < width; s++) nextClose[s] = closeOf(s, next[s]!)
    let played = 0
    while (played < instants) {
      let now = Number.POSITIVE_INFINITY
      for (let s = 0; s < width; s++) if (nextClose[s]! < now) now = nextClose[s]!
      if (now === Number.POSITIVE_INFINITY || words[MAILBOX_STOP] !== 0) break
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
      if (!isDue) continue
      clock.now = now
      barTimes[MAILBOX_BAR_TIME] = now
      fitter?.refit(now)
      context.index = next[0]! - 1
      context.time = now
      const answer = decide.call(strategy, context)
      if (answer !== null) sink.read(answer, 0)
      const view = feeds[0]!.columns.refreshed()
      if (view !== null) context.candles = view
      played += 1
    }
    return played
  }

  return {
    step: () => play(1) > 0,
    advance() {
      play(Number.POSITIVE_INFINITY)
      const rows = sink.take(taken)
      taken = sink.rows
      return rows
    },
  }
}
