import { Worker } from 'node:worker_threads'
import { PlatformError } from '../../../src/errors.ts'
import type { Comparison } from '../../../src/protocol/comparison.ts'
import type { CompareAnswer, CompareTask } from './compare-task.ts'

const TIMEOUT_MS = 60_000
const MEMORY_MB = 1024

/**
 * Compares stored runs in a thread of its own: tables of millions of bars and thousands of recorded trials would hold up
 * everybody else. @throws PlatformError invalid_request, no_figures, unknown_run
 */
export async function compareInThread(task: CompareTask): Promise<Comparison> {
  const worker = new Worker(new URL('compare-worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    execArgv: [],
  })
  try {
    const answer = await answerOf(worker)
    if (answer.ok) return answer.comparison
    const { code, message, hint, errors, details } = answer.error
    throw new PlatformError(code, message, { hint, errors, details })
  } finally {
    await worker.terminate()
  }
}

function answerOf(worker: Worker): Promise<CompareAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (state: string): void =>
      reject(new PlatformError('invalid_request', `Cannot compare these runs: ${state}`))
    const timer = setTimeout(() => fail(`it took more than ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      act()
    }
    worker.once('message', (answer: CompareAnswer) => settle(() => resolve(answer)))
    worker.once('error', (error: Error & { code?: string }) =>
      settle(() =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? fail(`they need more than ${MEMORY_MB} MiB`) : reject(error),
      ),
    )
    worker.once('exit', () => settle(() => fail('the thread ended without an answer')))
  })
}
