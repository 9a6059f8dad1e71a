/** The realm of phase 2: made anew, with the files linked afresh, for all that phase 2 asks code of the user. */
import { legBindings, namesFunctions, type PortBinding, portBindings } from '../../src/backtest/port-bindings.ts'
import type { PortfolioCode } from '../../src/backtest/portfolio-live.ts'
import { NO_USER_CODE, recordUserCode, type PlainData, type UserCode } from '../../src/backtest/user-port.ts'
import { lowerBound } from '../../src/backtest/window.ts'
import { MAX_ANSWER_TEXTS } from '../../src/protocol/answer-limits.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { claim } from '../claims.ts'
import { createNodeHasher } from '../node-hasher.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_STATE, THREAD_STATES } from '../realm/mailbox-layout.ts'
import { Realm } from '../realm-host.ts'
import { randomStateOf, realmBytes, type TaskContext } from './context.ts'
import type { OpenAnswers } from './open-proof.ts'
import type { AnswerTask, ExecuteTask, UnitTask } from './task.ts'
import { buildUnitJob, logOf, memoriesOf } from './unit-task.ts'

export interface OpenUserCode {
  readonly code: UserCode
  /** Null: the decisions are known. */
  readonly portfolio: PortfolioCode | null
  readonly close: () => void
}

/** All symbols of a run as one unit. */
function unitOf({ config, limits, plan, series, instruments, window }: ExecuteTask) {
  const symbols = series.map((one, index) => {
    const firstInWindow = lowerBound(one.time, one.rows, window.start)
    return { index, instrument: instruments[index]!, series: one, firstInWindow }
  })
  return { kind: 'unit', unit: 0, config, limits, plan, symbols, window } as const
}

type Ports = Pick<ExecuteTask, 'config' | 'limits' | 'plan'>
type Main = { readonly module: string; readonly class: string }

interface Phase2Realm {
  readonly realm: Realm
  readonly code: UserCode
  /** The watchdog counts the time that user code takes for one bar. */
  readonly deciding: <T>(action: () => T) => T
}

/** `ports`: what it answers; `main`: the strategy, if it makes orders itself; `sharedBytes`: of its candles. */
function openRealm(
  { config, limits, plan }: Ports,
  context: TaskContext,
  { ports, main, sharedBytes }: { ports: readonly PortBinding[]; main: Main | null; sharedBytes: number },
): Phase2Realm {
  const words = new Int32Array(context.mailbox, 0, 16)
  const barTimes = new Float64Array(context.mailbox, 0, 16)
  words[MAILBOX_STATE] = THREAD_STATES.loading
  const memoryBytes = realmBytes(limits.memoryBytes, { usedBytes: context.usedBytes(), sharedBytes })
  const { realm } = Realm.open(context.takeRealm(memoryBytes), {
    modules: plan.modules,
    main: main?.module ?? null,
    className: main?.class ?? '',
    ports,
    randomState: randomStateOf(config, 'phase2'),
  })
  const deciding = <T>(action: () => T): T => {
    words[MAILBOX_STATE] = THREAD_STATES.deciding
    const answer = action()
    words[MAILBOX_STATE] = THREAD_STATES.computing
    return answer
  }
  const code = recordUserCode({
    createHasher: createNodeHasher,
    answer(port, args) {
      const answer = deciding(() => realm.ask(port, args))
      return typeof answer === 'number' ? answer : (JSON.parse(answer) as PlainData)
    },
    at(slot, time) {
      words[MAILBOX_ROW] = slot
      barTimes[MAILBOX_BAR_TIME] = time
    },
    onFull() {
      throw claim({
        kind: 'limit_exceeded',
        reason: 'output',
        message: `Cannot return the result: its answers are over ${MAX_ANSWER_TEXTS} different ones`,
      })
    },
  })
  return { realm, code, deciding }
}

/** What answers questions that are known (look-ahead proof). @throws ClaimedEnd or FatalEnd */
export function openAnswers(
  { opening, rows, questions }: Pick<AnswerTask, 'opening' | 'rows' | 'questions'>,
  context: TaskContext,
): OpenAnswers {
  const { config, unit } = opening
  const { strategy } = config
  const main = unit !== null && 'module' in strategy ? strategy : null
  const memories = main === null ? [] : memoriesOf(unit!)
  const sharedBytes = memories.reduce((sum, memory) => sum + memory.byteLength, 0)
  const opened = openRealm(opening, context, { ports: portsOf(config, questions.hasLegs), main, sharedBytes })
  if (main === null) return { code: opened.code, portfolio: null, grow: () => {} }
  const portfolio = openPortfolio(opened, unit!, rows)
  return { code: opened.code, portfolio, grow: (now) => opened.realm.growBars(now) }
}

/** The strategy in an open realm; `rows`: of each symbol, null: all are there. */
function openPortfolio(
  { realm, deciding }: Phase2Realm,
  unit: UnitTask,
  rows: readonly number[] | null,
): PortfolioCode {
  realm.openBars(buildUnitJob(unit, randomStateOf(unit.config, 'phase2')), memoriesOf(unit), rows)
  return {
    onBar({ time, equity, cash, account }) {
      const text = account === null ? '' : JSON.stringify(account)
      const done = deciding(() => realm.bar(time, equity, cash, text))
      return done === null ? null : logOf(unit, done)
    },
  }
}

function portsOf(config: RunConfig, hasLegs: boolean): PortBinding[] {
  return [...(hasLegs ? legBindings(config) : []), ...portBindings(config)]
}

/** What answers the ports of a run, and what makes its orders. @throws ClaimedEnd or FatalEnd */
export function openUserCode(task: ExecuteTask, context: TaskContext): OpenUserCode {
  const { config, plan, decisions } = task
  const { strategy } = config
  const main = plan.isPortfolio && 'module' in strategy ? strategy : null
  const ports = portsOf(config, namesFunctions(decisions))
  if (ports.length === 0 && main === null) return { code: NO_USER_CODE, portfolio: null, close: () => {} }
  const memories = main === null ? [] : memoriesOf(unitOf(task))
  const sharedBytes = memories.reduce((sum, memory) => sum + memory.byteLength, 0)
  const opened = openRealm(task, context, { ports, main, sharedBytes })
  const portfolio = main === null ? null : openPortfolio(opened, unitOf(task), null)
  new Int32Array(context.mailbox)[MAILBOX_STATE] = THREAD_STATES.computing
  return { code: opened.code, portfolio, close: () => context.retire(opened.realm) }
}
