/** The aggregation between the phases (P1): one realm of its own, instants ascending, one at a time. */
import type { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import type { Decision } from '../../src/strategies/decision-types.ts'
import { createSink } from './decision-rows.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_STATE, THREAD_STATES } from './mailbox-layout.ts'
import type { AggregateInput, AggregateJob, RealmRows } from './wire.ts'

/**
 * `bars[2 * (i * symbols + s)]` is the last row of symbol s that has closed at instant i, or -1 if it is not ready; the number
 * after it says how many base slots ago that was.
 */
export interface Aggregation {
  play(input: AggregateInput, bars: Int32Array): void
  /** The rows since the last answer. */
  take(): RealmRows
}

/** The aggregation of a run: takes instants that follow those before, and answers the decisions there. */
export function openAggregation(options: {
  strategy: BaseStrategy
  job: AggregateJob
  mailbox: SharedArrayBuffer
}): Aggregation {
  const { strategy, job, mailbox } = options
  const width = job.symbols.length
  const barOf = new Int32Array(width)
  const late = new Int32Array(width)
  const sink = createSink({
    method: 'aggregateSignals',
    symbols: job.symbols,
    needsSymbol: true,
    maxDecisions: job.maxDecisions,
    maxDecisionsPerCall: job.maxDecisionsPerCall,
    executors: job.executors,
    at: { barOf, lateOf: (s) => late[s]! },
  })
  const words = new Int32Array(mailbox, 0, 16)
  const barTimes = new Float64Array(mailbox, 0, 16)
  let taken = 0
  const play = (input: AggregateInput, bars: Int32Array): void => {
    words[MAILBOX_STATE] = THREAD_STATES.deciding
    for (let i = 0; i < input.times.length; i++) {
      const now = input.times[i]!
      words[MAILBOX_ROW] = i
      barTimes[MAILBOX_BAR_TIME] = now
      for (let s = 0; s < width; s++) {
        barOf[s] = bars[2 * (i * width + s)]!
        late[s] = bars[2 * (i * width + s) + 1]!
      }
      const decisions: Decision[] = []
      for (let k = input.starts[i]!; k < input.starts[i + 1]!; k++) decisions.push(rebuild(input.decisions[k]!))
      const answer: unknown = strategy.aggregateSignals(decisions)
      if (!Array.isArray(answer)) {
        fail('bad_decision', `aggregateSignals() returned ${describeValue(answer)}, expected a list of decisions`)
      }
      sink.read(answer, 0)
    }
  }
  return {
    play,
    take() {
      const rows = sink.take(taken)
      taken = sink.rows
      return rows
    },
  }
}

/** A new plain object, with `meta` and `trail` as objects again. */
function rebuild(row: Readonly<Record<string, string | number>>): Decision {
  const { trailDistance: distance, trailPct: percent, ...rest } = row
  const decision: Record<string, unknown> = rest
  if (distance !== undefined) decision['trail'] = { distance }
  if (percent !== undefined) decision['trail'] = { percent }
  if (typeof row['meta'] === 'string') decision['meta'] = JSON.parse(row['meta'])
  return decision as unknown as Decision
}
