import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { realShapedCandles } from './candles.ts'
import { bareContainer } from './cold-job.ts'
import { type BenchContext, type BenchRow, openBench, pair, rowOf, timed } from './harness.ts'
import { throughService } from './service.ts'

const NO_OP = { strategy: { builtin: 'BuyAndHold' }, symbols: ['FLOW'], interval: '1m' }
const CONCURRENCY = 2
const JOBS = 16

/** So many at a time until all are done; jobs per second. */
async function perSecond(step: () => Promise<void>): Promise<number> {
  let left = JOBS
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await step()
    }
  }
  const ms = await timed(async () => await Promise.all(Array.from({ length: CONCURRENCY }, work)))
  return (1000 * JOBS) / ms
}

/** What a service that is asked without a pause achieves: the engine and the cores are the bound, and the same for both. */
export async function benchThroughput(context: BenchContext): Promise<BenchRow[]> {
  await using busy = await openBench(context.rounds, (text) => context.log(text), {
    warmCells: '1..4',
    concurrency: CONCURRENCY,
  })
  const { app } = busy
  await app.archive.write('spot', realShapedCandles('FLOW', 100))
  await app.start()
  const engine = connectEngine()
  const { ref } = await app.deps.image()
  const measured = await pair(
    context.rounds,
    async () => await perSecond(async () => await throughService(app, NO_OP)),
    async () => await perSecond(async () => await bareContainer(context, engine, ref)),
  )
  return [
    rowOf({
      name: `BuyAndHold, 100 bars, through the service without a pause, ${CONCURRENCY} at a time`,
      unit: 'jobs/s',
      baselineName: 'create/start/wait/remove, same image, empty stdin, as many at a time',
      goal: '>= 0.7',
      measured,
    }),
  ]
}
