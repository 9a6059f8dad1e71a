import { createHash } from 'node:crypto'
import { isMainThread, parentPort } from 'node:worker_threads'
import { playTimeline } from '../../src/backtest/play-timeline.ts'
import { randomPerpRun } from './random-perp-runs.ts'
import { randomRun } from './random-runs.ts'
import { timelineInput } from './timeline-input.ts'

/** A program, bundled by its test: plays the same runs wherever it is started and says the hash of all records and equity. */
const SEEDS = 150

const hash = createHash('sha256')
let records = 0
for (let seed = 1; seed <= SEEDS; seed += 1) {
  for (const run of [randomRun(seed), randomPerpRun(seed)]) {
    const played = playTimeline(timelineInput(run.input, run))
    hash.update(played.records)
    hash.update(new Uint8Array(played.equity.buffer, played.equity.byteOffset, played.equity.byteLength))
    records += played.recordCount
  }
}
const said = { version: process.versions.node, records, sha256: hash.digest('hex') }
if (isMainThread) process.stdout.write(JSON.stringify(said))
else parentPort!.postMessage(said)
