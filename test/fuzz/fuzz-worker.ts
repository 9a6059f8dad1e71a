import { parentPort, workerData } from 'node:worker_threads'
import { type FuzzRun, runCases } from './run-cases.ts'
import { FUZZ_TARGETS, type FuzzTargetName } from './targets/all.ts'

export interface FuzzOrder {
  readonly target: FuzzTargetName
  readonly seed: number
  readonly first: number
  /** Whichever is reached first. */
  readonly cases: number
  readonly seconds: number
}

export type FuzzMessage =
  | { readonly type: 'at'; readonly done: number }
  | { readonly type: 'end'; readonly run: FuzzRun }

const BEAT_MS = 500

const order = workerData as FuzzOrder
const post = (message: FuzzMessage): void => parentPort!.postMessage(message)
const end = performance.now() + order.seconds * 1000
let beat = 0
const run = runCases(FUZZ_TARGETS[order.target], {
  seed: order.seed,
  first: order.first,
  goesOn(done) {
    const now = performance.now()
    if (now - beat > BEAT_MS) post({ type: 'at', done })
    if (now - beat > BEAT_MS) beat = now
    return done < order.cases && now < end
  },
})
post({ type: 'end', run })
