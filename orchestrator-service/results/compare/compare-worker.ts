import { parentPort, workerData } from 'node:worker_threads'
import { PlatformError } from '../../../src/errors.ts'
import { buildComparison } from './build-comparison.ts'
import type { CompareAnswer, CompareTask } from './compare-task.ts'

const port = parentPort
if (port === null) throw new Error('Invariant: compare-worker runs as a worker thread only')

async function answer(): Promise<CompareAnswer> {
  try {
    return { ok: true, comparison: await buildComparison(workerData as CompareTask) }
  } catch (error) {
    if (error instanceof PlatformError) return { ok: false, error: error.toJSON() }
    throw error
  }
}

port.postMessage(await answer())
