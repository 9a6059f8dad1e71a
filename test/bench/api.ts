import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { sourceBacktest, startTestService, type TestService } from '../support/api-service.ts'
import type { ClientFigures, ClientWork } from './api-clients.ts'
import { type BenchContext, type BenchRow, rowOf } from './harness.ts'

const JOBS = 5
const FOLLOWERS = 20
const SUBMISSIONS = 200
const SUBMIT_GOAL_MS = 100
const UPDATE_GOAL_MS = 250

/** Computes for longer than the bench lasts, and logs about 20 lines a second. */
const BUSY = `import { BaseStrategy } from 'hotcell'
export default class Busy extends BaseStrategy {
  decide({ index, log }) {
    let x = 0
    for (let i = 0; i < 30000; i += 1) x += Math.sqrt(i + index)
    if (index % 60 === 0) log('info', 'bar ' + index, { x })
    return null
  }
}`

/** Submissions and followers while five backtests run: how long a submission takes, and how old an update is when it arrives. */
export async function benchApi(context: BenchContext): Promise<BenchRow[]> {
  await using service = await startTestService({
    HOTCELL_CONCURRENCY: String(JOBS),
    HOTCELL_MAX_QUEUED: '10000',
    HOTCELL_MAX_QUEUED_PER_OWNER: '10000',
  })
  const running = await startJobs(service)
  const body = JSON.stringify(sourceBacktest(BUSY))
  const follow = Array.from({ length: FOLLOWERS }, (_, i) => running[i % JOBS]!)
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const figures = await runClients({
    url: service.url,
    secret: service.token,
    follow,
    submit: { body, times: SUBMISSIONS, everyMs: 50 },
  })
  loop.disable()
  for (const id of [...figures.submitted, ...running]) await service.request('POST', `/v1/backtests/${id}/cancel`)
  const { updateMs, submitMs } = figures
  const ms = (nanos: number): string => (nanos / 1e6).toFixed(0)
  context.log(
    `api: ${updateMs.length} updates to ${FOLLOWERS} followers, ${submitMs.length} submissions; the service's thread was late by ${ms(loop.percentile(99))} ms at p99, ${ms(loop.max)} ms at most`,
  )
  return [
    goalRow(`submit, p50 while ${JOBS} run`, percentile(submitMs, 0.5), SUBMIT_GOAL_MS),
    goalRow(`submit, p99 while ${JOBS} run`, percentile(submitMs, 0.99), SUBMIT_GOAL_MS),
    goalRow(`update to ${FOLLOWERS} followers, p50`, percentile(updateMs, 0.5), UPDATE_GOAL_MS),
    goalRow(`update to ${FOLLOWERS} followers, p99`, percentile(updateMs, 0.99), UPDATE_GOAL_MS),
  ]
}

async function startJobs(service: TestService): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < JOBS; i += 1) {
    const job = await service.json('POST', '/v1/backtests', { body: sourceBacktest(BUSY, { seed: String(i) }) })
    ids.push(String(job['id']))
  }
  for (const id of ids)
    while ((await service.json('GET', `/v1/backtests/${id}`))['state'] !== 'running') await delay(50)
  return ids
}

async function runClients(workerData: ClientWork): Promise<ClientFigures> {
  const worker = new Worker(new URL('api-clients.ts', import.meta.url), { workerData })
  const [figures] = (await once(worker, 'message')) as [ClientFigures]
  await worker.terminate()
  return figures
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.POSITIVE_INFINITY
}

function goalRow(name: string, value: number, goalMs: number): BenchRow {
  const measured = { a: value, b: goalMs, ratio: value / goalMs }
  return rowOf({ name, unit: 'ms', baselineName: 'the goal', goal: '<= 1', measured })
}
