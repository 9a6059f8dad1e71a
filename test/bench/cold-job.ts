import { randomBytes } from 'node:crypto'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { runBacktest } from '../../orchestrator-service/jobs/run-backtest.ts'
import { buildContainerSpec } from '../../orchestrator-service/sandbox/container-spec.ts'
import { type EngineClient, connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { createContainer, removeContainer, startContainer } from '../../orchestrator-service/sandbox/engine-calls.ts'
import { watchExit } from '../../orchestrator-service/sandbox/exit-watch.ts'
import { realShapedCandles } from './candles.ts'
import { type BenchContext, type BenchRow, pair, rowOf, timed } from './harness.ts'

/** create, start, wait, remove of the same image under the same policy, with an empty stdin. */
export async function bareContainer(context: BenchContext, engine: EngineClient, image: string): Promise<void> {
  const policy = context.deps.policies.get('default')!
  const sealed = buildContainerSpec(policy, {
    image,
    instance: 'bench',
    cellId: randomBytes(8).toString('hex'),
    createdMs: Date.now(),
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    networkId: null,
  })
  const spec = {
    ...sealed,
    OpenStdin: false,
    StdinOnce: false,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
  }
  const id = await createContainer(engine, spec)
  const watch = await watchExit(engine, id, 30_000)
  await startContainer(engine, id)
  await watch.ended
  await removeContainer(engine, id)
}

/** From a spec to the verified result, with a container that is started for it. */
export async function benchColdJob(context: BenchContext): Promise<BenchRow[]> {
  const { deps } = context
  const engine = connectEngine()
  const image = await deps.image()
  await deps.archive.write('spot', realShapedCandles('COLD', 1000))
  const parsed = parseConfig({ strategy: { builtin: 'BuyAndHold' }, symbols: ['COLD'], interval: '1m' })
  const measured = await pair(
    context.rounds * 3,
    async () =>
      await timed(async () => {
        const end = await runBacktest(deps, { job: 'bench', mode: 'run', ...parsed })
        if (end.outcome.kind !== 'ok')
          throw new Error(`The cold job ended with ${end.outcome.kind}: ${end.outcome.message}`)
      }),
    async () => await timed(async () => await bareContainer(context, engine, image.ref)),
  )
  return [
    rowOf({
      name: 'cold job: BuyAndHold, 1,000 bars, spec to verified result',
      unit: 'ms',
      baselineName: 'create/start/wait/remove, same image, empty stdin',
      goal: '<= 1.3',
      measured,
    }),
  ]
}
