import { parentPort } from 'node:worker_threads'
import type { VerifyMessage, VerifyRequest } from './verify-protocol.ts'
import { buffersOf, packRun } from '../analysed-run.ts'
import { hashTaskInputs, hashTaskSeries, type PreparedRun, verifyDocument } from './verify-run.ts'

const port = parentPort
if (port === null) throw new Error('Invariant: verify-worker runs as a worker thread only')

let prepared: PreparedRun | null = null

port.on('message', (request: VerifyRequest) => {
  const post = (message: VerifyMessage): void => port.postMessage(message)
  if (request.type === 'prepare') {
    const { task } = request
    const hashes = hashTaskSeries(task)
    const inputs = hashTaskInputs(task, hashes)
    prepared = { task, hashes, inputs }
    post({ type: 'inputs', inputs })
  } else if (request.type === 'resumed') {
    if (prepared !== null) prepared = { ...prepared, resumed: request.resumed }
  } else {
    const verdict = verifyDocument(request.document, prepared, post)
    if (verdict.type !== 'verified') return post(verdict)
    const analysis = packRun(verdict.run.analysis)
    const message: VerifyMessage = { ...verdict, run: { ...verdict.run, analysis } }
    port.postMessage(message, buffersOf(analysis))
  }
})
