import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../../orchestrator-service/app.ts'
import { runBacktest } from '../../orchestrator-service/jobs/run-backtest.ts'
import { findCgroup } from '../../orchestrator-service/sandbox/cgroup-counters.ts'
import { LABEL } from '../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { inspectContainer, listByLabels } from '../../orchestrator-service/sandbox/engine-calls.ts'
import type { Cell } from '../../orchestrator-service/sandbox/cell-handle.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { realShapedCandles } from './candles.ts'
import { bareContainer } from './cold-job.ts'
import { type BenchContext, type BenchRow, median, openBench, pair, rowOf, timed } from './harness.ts'
import { throughService } from './service.ts'
import { USER_SMA } from './user-sma.ts'

const BUILTIN = { strategy: { builtin: 'SmaCrossover' }, symbols: ['WARM'], interval: '1m' }
const USER = { ...BUILTIN, strategy: { module: 'main.js' }, files: { 'main.js': USER_SMA } }
const PROMISED = { p50: 20, p99: 80, memoryMiB: 64, share: 0.35 } as const
/** An idle cell has started its threads and rests. */
const REST_MS = 600

async function untilIdle(app: App): Promise<void> {
  while (app.pool.metrics().idle === 0) await sleep(10)
  await sleep(REST_MS)
}

/** From the first byte to a warm cell until it says that it has decided bars. */
async function firstBar(app: App, raw: unknown): Promise<number> {
  await untilIdle(app)
  const { hits } = app.pool.metrics()
  let sentAt = 0
  let heardAt = 0
  const hear = (): void => void (heardAt ||= performance.now())
  const timedCell = (cell: Cell): Cell =>
    new Proxy(cell, {
      get(target, name) {
        if (name === 'send') sentAt ||= performance.now()
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value
      },
    })
  const end = await runBacktest(
    {
      ...app.deps,
      async startCell(policy, image, listeners) {
        const cell = await app.deps.startCell(policy, image, listeners)
        return timedCell(cell)
      },
    },
    {
      job: 'bench',
      mode: 'run',
      ...parseConfig(raw),
      onEvent: (event) => event.type === 'progress' && event.phase === 'decide' && hear(),
    },
  )
  if (end.outcome.kind !== 'ok') throw new Error(`The warm job ended with ${end.outcome.kind}: ${end.outcome.message}`)
  if (heardAt === 0) throw new Error('The warm job told of no bar')
  if (app.pool.metrics().hits !== hits + 1) throw new Error('The job did not get a cell that waited')
  return heardAt - sentAt
}

async function idleMemory(app: App): Promise<number> {
  await untilIdle(app)
  const engine = connectEngine()
  const [cellId] = app.deps.liveCells
  const [container] = await listByLabels(engine, { [LABEL.cell]: cellId! })
  const { Id, State } = await inspectContainer(engine, container!.Id)
  const counters = findCgroup(State.Pid, Id)?.readCounters() ?? null
  if (counters === null) throw new Error('The memory of the cell cannot be read here')
  return counters.memoryBytes / 2 ** 20
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
}

const promised = (name: string, unit: string, value: number, bound: number): BenchRow =>
  rowOf({
    name,
    unit,
    baselineName: 'what is promised',
    goal: '<= 1',
    measured: { a: value, b: bound, ratio: value / bound },
  })

/** What a cell that waits saves, and what it costs. */
export async function benchWarm(context: BenchContext): Promise<BenchRow[]> {
  await using warm = await openBench(context.rounds, (text) => context.log(text), { warmCells: '1' })
  const { app } = warm
  await app.archive.write('spot', realShapedCandles('WARM', 1000))
  await app.start()
  const image = await app.deps.image()
  const rounds = context.rounds * 6
  const memoryMiB: number[] = []
  const bars: Record<'builtin' | 'user', number[]> = { builtin: [], user: [] }
  for (let round = 0; round <= rounds; round += 1) {
    const [builtin, user] = [await firstBar(app, BUILTIN), await firstBar(app, USER)]
    // The first cell on a machine is also charged the pages of the image's files, which stay in the kernel's cache
    if (round === 0) continue
    memoryMiB.push(await idleMemory(app))
    bars.builtin.push(builtin)
    bars.user.push(user)
  }
  const engine = connectEngine()
  const served = await pair(
    context.rounds * 3,
    async () => {
      await untilIdle(app)
      return await timed(async () => await throughService(app, BUILTIN))
    },
    async () => await timed(async () => await bareContainer(context, engine, image.ref)),
  )
  const of = `of ${rounds}`
  return [
    promised(
      'warm cell, built-in: configuration sent to first decided bar told, p50',
      'ms',
      median(bars.builtin),
      PROMISED.p50,
    ),
    promised(`the same, p99 ${of}`, 'ms', percentile(bars.builtin, 0.99), PROMISED.p99),
    promised(
      "warm cell, user's code: configuration sent to first decided bar told, p50",
      'ms',
      median(bars.user),
      PROMISED.p50,
    ),
    promised(`the same, p99 ${of}`, 'ms', percentile(bars.user, 0.99), PROMISED.p99),
    rowOf({
      name: 'SmaCrossover, 1,000 bars, submission to told end, in a warm cell',
      unit: 'ms',
      baselineName: 'create/start/wait/remove, same image, empty stdin',
      goal: `<= ${PROMISED.share}`,
      measured: served,
    }),
    promised('memory of a cell that waits, with its threads', 'MiB', median(memoryMiB), PROMISED.memoryMiB),
  ]
}
