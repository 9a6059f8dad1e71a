import { hashSeries } from '../../src/verification/hash-series.ts'
import { createNodeHasher } from '../node-hasher.ts'
import { runAggregateTask } from './aggregate-task.ts'
import type { TaskContext } from './context.ts'
import { runExecuteTask } from './execute-task.ts'
import { runPlan } from './plan-task.ts'
import { runAnswerTask, runProveAggregate, runProveTask } from './prove-task.ts'
import type { Task } from './task.ts'
import { runUnitTask } from './unit-task.ts'

/** Does one task in the thread that calls. @throws ClaimedEnd or FatalEnd */
export async function runTask(task: Task, context: TaskContext): Promise<unknown> {
  switch (task.kind) {
    case 'plan':
      return runPlan(task.header, context)
    case 'hash':
      return hashSeries(task.series, createNodeHasher)
    case 'unit':
      return runUnitTask(task, context)
    case 'aggregate':
      return runAggregateTask(task, context)
    case 'prove':
      return runProveTask(task, context)
    case 'proveAggregate':
      return runProveAggregate(task, context)
    case 'answer':
      return runAnswerTask(task, context)
    case 'execute':
      return runExecuteTask(task, context)
  }
}
