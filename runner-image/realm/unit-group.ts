/** The loop of units with several symbols, higher intervals or fit: instants ascending, all symbols joined (join.ts). */
import { createSink } from './decision-rows.ts'
import type { Fitter } from './fit.ts'
import { createJoin } from './join.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW } from './mailbox-layout.ts'
import type { UnitRun } from './unit-run.ts'
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
  let done = 0
  const join = createJoin(job, feeds, { words, onRow: () => void (words[MAILBOX_ROW] = ++done) })
  const sink = createSink({
    method: 'decide',
    symbols: context.symbols,
    needsSymbol: false,
    maxDecisions: job.maxDecisions,
    maxDecisionsPerCall: job.maxDecisionsPerCall,
    executors: job.executors,
    at: join,
  })
  fitter?.fit(job.start)

  let taken = 0

  function play(instants: number): number {
    join.refresh()
    let played = 0
    while (played < instants) {
      const now = join.advance()
      if (now === Number.POSITIVE_INFINITY) break
      barTimes[MAILBOX_BAR_TIME] = now
      fitter?.refit(now)
      context.index = join.index()
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
