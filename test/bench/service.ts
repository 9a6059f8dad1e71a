import type { App } from '../../orchestrator-service/app.ts'
import { finishRun } from '../../orchestrator-service/jobs/finish-run.ts'
import { runBacktest } from '../../orchestrator-service/jobs/run-backtest.ts'
import { isFinal } from '../../src/protocol/job.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { realShapedCandles } from './candles.ts'
import { type BenchContext, type BenchRow, median, rowOf, timed } from './harness.ts'

const RAW = { strategy: { builtin: 'BuyAndHold' }, symbols: ['SERVED'], interval: '1m' }
const PROMISED_MS = 25

/** Submitted, queued, taken, run, verified, stored, told: until a follower knows the end. */
export async function throughService(app: App, raw: object): Promise<void> {
  const { job } = await app.jobs.submit({ owner: 'bench', raw, idempotency: null })
  const ended = Promise.withResolvers<string>()
  const look = async (): Promise<void> => {
    const now = await app.stores.jobs.get(job.id)
    if (now !== null && isFinal(now.state)) ended.resolve(now.state)
  }
  const stop = app.feed.subscribe(job.id, (topic) => {
    if (topic === 'state') look().catch(ended.reject)
  })
  await look()
  const state = await ended.promise
  stop()
  if (state !== 'completed') throw new Error(`The job ended as ${state}, expected completed`)
}

/** The same sealed run with its stored result, without jobs. */
async function bare({ deps }: BenchContext): Promise<void> {
  const parsed = parseConfig(RAW)
  const id = deps.runs.newId()
  const end = await runBacktest(deps, { job: id, mode: 'run', ...parsed })
  const result = await finishRun(deps.runs, { id, ...parsed, end, createdAt: new Date().toISOString() })
  if (result.outcome.kind !== 'ok') throw new Error(`The run ended with ${result.outcome.kind}`)
}

/** What the whole service costs over a bare sealed run. */
export async function benchService(context: BenchContext): Promise<BenchRow[]> {
  await context.app.archive.write('spot', realShapedCandles('SERVED', 1000))
  await context.app.start()
  await context.deps.image()
  const served: number[] = []
  const bares: number[] = []
  const rounds = Math.max(9, context.rounds * 3)
  for (let round = 0; round <= rounds; round += 1) {
    // In turn, and each first every other time
    const order = round % 2 === 0 ? [served, bares] : [bares, served]
    for (const list of order) {
      const ms = await timed(async () => await (list === served ? throughService(context.app, RAW) : bare(context)))
      if (round > 0) list.push(ms)
    }
  }
  const [a, b] = [median(served), median(bares)]
  const cost = median(served.map((ms, round) => ms - bares[round]!))
  return [
    rowOf({
      name: 'BuyAndHold, 1,000 bars, from submission to a told end',
      unit: 'ms',
      baselineName: 'the same sealed run and result without a job',
      goal: '<= 1.2',
      measured: { a, b, ratio: median(served.map((ms, round) => ms / bares[round]!)) },
    }),
    rowOf({
      name: 'cost of the whole service over the bare run',
      unit: 'ms',
      baselineName: 'what is promised',
      goal: '<= 1',
      measured: { a: cost, b: PROMISED_MS, ratio: cost / PROMISED_MS },
    }),
  ]
}
