/** Phase 1 in slices (look-ahead proof): units and the aggregation stay open between tasks. */
import type { DecisionLog } from '../../src/backtest/decision-log.ts'
import { openBuiltin } from '../../src/strategies/builtin-catalogue.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_ROWS, MAILBOX_STATE, THREAD_STATES } from '../realm/mailbox-layout.ts'
import { aggregateIn, openAggregateRealm } from './aggregate-task.ts'
import type { TaskContext } from './context.ts'
import type { AggregateTask, ProveTask, UnitTask } from './task.ts'
import { logOf, logOfKernel, memoriesOf, openUnitRealm } from './unit-task.ts'

/** A unit that goes on as far as there are rows of each of its symbols, and answers the decisions since. */
export type OpenUnit = (rows: readonly number[]) => DecisionLog
/** The same of the aggregation. */
export type OpenAggregation = (task: AggregateTask) => DecisionLog

/** What a thread keeps open. */
export interface OpenProof {
  readonly units: Map<number, OpenUnit>
  aggregation: OpenAggregation | null
}

/** The decisions of a unit since the slice before. @throws ClaimedEnd or FatalEnd */
export function runProveTask({ task, rows }: ProveTask, context: TaskContext): DecisionLog {
  const words = new Int32Array(context.mailbox, 0, 16)
  const { units } = context.proof
  words[MAILBOX_ROW] = 0
  words[MAILBOX_ROWS] = rows.reduce((sum, one) => sum + one, 0)
  try {
    let unit = units.get(task.unit)
    if (unit === undefined) {
      unit = 'builtin' in task.config.strategy ? openBuiltinUnit(task) : openModuleUnit(task, context)
      units.set(task.unit, unit)
    }
    words[MAILBOX_STATE] = 'builtin' in task.config.strategy ? THREAD_STATES.computing : THREAD_STATES.deciding
    // The clock of a bar starts anew with each slice
    new Float64Array(context.mailbox, 0, 16)[MAILBOX_BAR_TIME] = 0
    return unit(rows)
  } finally {
    words[MAILBOX_STATE] = THREAD_STATES.idle
    words[MAILBOX_ROW] = 0
  }
}

/** The decisions of the aggregation since the slice before. @throws ClaimedEnd or FatalEnd */
export function runProveAggregate(task: AggregateTask, context: TaskContext): DecisionLog {
  const { proof } = context
  if (proof.aggregation === null) {
    const realm = openAggregateRealm(task, context)
    proof.aggregation = (slice) => aggregateIn(realm, slice)
  }
  try {
    return proof.aggregation(task)
  } finally {
    new Int32Array(context.mailbox)[MAILBOX_STATE] = THREAD_STATES.idle
  }
}

function openBuiltinUnit(task: UnitTask): OpenUnit {
  const { strategy } = task.config
  if (!('builtin' in strategy)) throw new Error('Invariant: not a built-in')
  const { series, firstInWindow } = task.symbols[0]!
  const spec = { builtin: strategy.builtin, params: task.plan.params }
  const unit = openBuiltin({ spec, series, first: Math.max(firstInWindow, task.plan.lookback) })
  return ([rows]) => logOfKernel(task, unit(rows!))
}

function openModuleUnit(task: UnitTask, context: TaskContext): OpenUnit {
  const { realm, job } = openUnitRealm(task, context)
  const memories = memoriesOf(task)
  let opening: typeof job | null = job
  return (rows) => {
    const decisions = realm.advance(rows, opening, memories)
    opening = null
    return logOf(task, decisions)
  }
}
