import type { Task, TaskResults } from '../tasks/task.ts'

/** Does one task at a time and shows in its mailbox how far it is. */
export interface Executor {
  readonly index: number
  readonly mailbox: SharedArrayBuffer
  /** Name of what it works on: the work unit's key, '' otherwise. */
  unit: string
  readonly busy: boolean
  /** Asks a running unit to end at its next bar. */
  stop(): void
  /** @throws ClaimedEnd or FatalEnd */
  run<K extends Task['kind']>(task: Task & { kind: K }): Promise<TaskResults[K]>
}
