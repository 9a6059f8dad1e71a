import { parentPort, workerData } from 'node:worker_threads'
import { encodeCandleFile } from './arrow-file.ts'
import type { EncodeTask } from './encode-in-thread.ts'

if (parentPort === null) throw new Error('Invariant: encode-worker runs as a worker thread only')

const { market, series } = workerData as EncodeTask
// The largest part is handed over, not copied; small ones may lie in a pool of Node's, which cannot be handed over.
const parts = encodeCandleFile(market, series)
const largest = parts[0]!.buffer as ArrayBuffer
parentPort.postMessage(parts, [largest])
