import { parentPort } from 'node:worker_threads'
import type { VerifyMessage, VerifyRequest, VerifyTask } from './verify-protocol.ts'
import { hashTaskSeries, verifyDocument } from './verify-run.ts'

const port = parentPort
if (port === null) throw new Error('Invariant: verify-worker runs as a worker thread only')

let prepared: { task: VerifyTask; hashes: ReturnType<typeof hashTaskSeries> } | null = null

port.on('message', (request: VerifyRequest) => {
  const post = (message: VerifyMessage): void => port.postMessage(message)
  if (request.type === 'prepare') {
    prepared = { task: request.task, hashes: hashTaskSeries(request.task) }
  } else {
    post(verifyDocument(request.document, prepared, post))
  }
})
