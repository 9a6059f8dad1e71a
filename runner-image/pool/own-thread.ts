import { MAILBOX_BYTES } from '../realm/mailbox-layout.ts'
import type { TaskContext } from '../tasks/context.ts'
import { runTask } from '../tasks/run-task.ts'
import type { Task, TaskResults } from '../tasks/task.ts'
import type { Executor } from './executor.ts'

function refuseRealm(): never {
  throw new Error('Invariant: code of a user runs in worker threads only')
}

/**
 * The supervisor's own thread, for tasks of built-in strategies that are done sooner than a worker thread has started.
 * Nothing watches it while it works, and nothing needs to: it runs our code alone, over few bars.
 */
export class OwnThread implements Executor {
  readonly index = 0
  readonly mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  unit = ''
  readonly busy = false
  readonly #context: TaskContext = {
    mailbox: this.mailbox,
    takeRealm: refuseRealm,
    spareRealms: refuseRealm,
    retire: refuseRealm,
    proof: { units: new Map(), aggregation: null, answers: null },
    usedBytes: () => process.memoryUsage.rss(),
  }

  stop(): void {}

  async run<K extends Task['kind']>(task: Task & { kind: K }): Promise<TaskResults[K]> {
    return (await runTask(task, this.#context)) as TaskResults[K]
  }
}
