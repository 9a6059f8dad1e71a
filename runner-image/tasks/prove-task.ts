/** Phase 1 in slices (look-ahead proof): units and the aggregation stay open between tasks. */
import type { UserPortName } from '../../src/backtest/answer-log.ts'
import type { DecisionLog } from '../../src/backtest/decision-log.ts'
import type { PlainData } from '../../src/backtest/user-port.ts'
import { canonicalJson } from '../../src/protocol/canonical-json.ts'
import { answerOfBar, ON_BAR } from '../../src/verification/questions.ts'
import { openBuiltin } from '../../src/strategies/builtin-catalogue.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_ROWS, MAILBOX_STATE, THREAD_STATES } from '../realm/mailbox-layout.ts'
import { aggregateIn, openAggregateRealm } from './aggregate-task.ts'
import type { TaskContext } from './context.ts'
import type { OpenAggregation, OpenUnit } from './open-proof.ts'
import type { AggregateOpening, AnswerTask, ProveAggregateTask, ProveTask, UnitTask } from './task.ts'
import { openAnswers } from './user-code.ts'
import { logOf, logOfKernel, memoriesOf, openUnitRealm } from './unit-task.ts'

/** The decisions of a unit since the slice before. @throws ClaimedEnd or FatalEnd */
export function runProveTask({ unit: number, opening, rows }: ProveTask, context: TaskContext): DecisionLog {
  const words = new Int32Array(context.mailbox, 0, 16)
  const { units } = context.proof
  words[MAILBOX_ROW] = 0
  words[MAILBOX_ROWS] = rows.reduce((sum, one) => sum + one, 0)
  try {
    if (opening !== null) {
      const isBuiltin = 'builtin' in opening.config.strategy
      const advance = isBuiltin ? openBuiltinUnit(opening) : openModuleUnit(opening, context)
      units.set(number, { advance, isBuiltin })
    }
    const unit = units.get(number)
    if (unit === undefined) throw new Error(`Invariant: unit ${number} was not opened in this thread`)
    words[MAILBOX_STATE] = unit.isBuiltin ? THREAD_STATES.computing : THREAD_STATES.deciding
    // The clock of a bar starts anew with each slice
    new Float64Array(context.mailbox, 0, 16)[MAILBOX_BAR_TIME] = 0
    return unit.advance(rows)
  } finally {
    words[MAILBOX_STATE] = THREAD_STATES.idle
    words[MAILBOX_ROW] = 0
  }
}

/** The decisions of the aggregation since the slice before. @throws ClaimedEnd or FatalEnd */
export function runProveAggregate(task: ProveAggregateTask, context: TaskContext): DecisionLog {
  const { opening, rows, decisions } = task
  const { proof } = context
  try {
    if (opening !== null) proof.aggregation = openAggregation(opening, context)
    if (proof.aggregation === null) throw new Error('Invariant: the aggregation was not opened in this thread')
    return proof.aggregation(rows, decisions)
  } finally {
    new Int32Array(context.mailbox)[MAILBOX_STATE] = THREAD_STATES.idle
  }
}

/** What code of the user answers, call by call. @throws ClaimedEnd or FatalEnd */
export function runAnswerTask(task: AnswerTask, context: TaskContext): readonly string[] {
  const { proof } = context
  const { code, portfolio, grow } = (proof.answers ??= openAnswers(task, context))
  grow(task.rows)
  try {
    return task.questions.rows.map(([slot, time, port, args]) => {
      code.at(slot, time)
      if (port === ON_BAR) {
        const [equity, cash, account] = JSON.parse(args) as [number, number, PlainData]
        return answerOfBar(portfolio!.onBar({ slot, time, equity, cash, account }))
      }
      return canonicalJson(code.ask(port as UserPortName, JSON.parse(args) as PlainData[]))
    })
  } finally {
    new Int32Array(context.mailbox)[MAILBOX_STATE] = THREAD_STATES.idle
  }
}

function openAggregation(opening: AggregateOpening, context: TaskContext): OpenAggregation {
  const realm = openAggregateRealm(opening, context)
  return (rows, decisions) => {
    const series = opening.series.map((one, i) => ({ ...one, rows: rows[i]! }))
    return aggregateIn(realm, { ...opening, kind: 'aggregate', series, decisions })
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
