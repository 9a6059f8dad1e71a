/** The realm of phase 2: made anew, with the files linked afresh, for all that phase 2 asks code of the user. */
import { legBindings, portBindings } from '../../src/backtest/port-bindings.ts'
import { NO_USER_CODE, recordUserCode, type PlainData, type UserCode } from '../../src/backtest/user-port.ts'
import { MAX_ANSWER_TEXTS } from '../../src/backtest/answer-log.ts'
import { claim } from '../claims.ts'
import { createNodeHasher } from '../node-hasher.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_STATE, THREAD_STATES } from '../realm/mailbox-layout.ts'
import { Realm } from '../realm-host.ts'
import { randomStateOf, realmBytes, type TaskContext } from './context.ts'
import type { ExecuteTask } from './task.ts'

export interface OpenUserCode {
  readonly code: UserCode
  readonly close: () => void
}

/** What answers the ports of a run. @throws ClaimedEnd or FatalEnd */
export function openUserCode(
  task: Pick<ExecuteTask, 'config' | 'limits' | 'plan' | 'decisions'>,
  context: TaskContext,
): OpenUserCode {
  const { config, limits, plan, decisions } = task
  const ports = [...legBindings(config, decisions), ...portBindings(config)]
  if (ports.length === 0) return { code: NO_USER_CODE, close: () => {} }
  const words = new Int32Array(context.mailbox, 0, 16)
  const barTimes = new Float64Array(context.mailbox, 0, 16)
  words[MAILBOX_STATE] = THREAD_STATES.loading
  const memoryBytes = realmBytes(limits.memoryBytes, { usedBytes: context.usedBytes(), sharedBytes: 0 })
  const { realm } = Realm.open(context.takeRealm(memoryBytes), {
    modules: plan.modules,
    main: null,
    className: '',
    ports,
    randomState: randomStateOf(config, 'phase2'),
  })
  words[MAILBOX_STATE] = THREAD_STATES.computing
  const code = recordUserCode({
    createHasher: createNodeHasher,
    answer(port, args) {
      // The watchdog counts the time that user code takes for one bar
      words[MAILBOX_STATE] = THREAD_STATES.deciding
      const answer = realm.ask(port, args)
      words[MAILBOX_STATE] = THREAD_STATES.computing
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
  return { code, close: () => context.retire(realm) }
}
