import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type App, type AppOptions, openApp } from '../../orchestrator-service/app.ts'
import { readConfig } from '../../orchestrator-service/config.ts'
import { rebuild } from '../../orchestrator-service/jobs/job-state.ts'
import type { LogEntry } from '../../orchestrator-service/logs/job-log.ts'
import { LABEL } from '../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { type ListedContainer, listByLabels } from '../../orchestrator-service/sandbox/engine-calls.ts'
import type { Job } from '../../orchestrator-service/store/ports.ts'
import { isFinal } from '../../src/protocol/job.ts'
import { realShapedCandles } from '../bench/candles.ts'

export const SYMBOL = 'COIN'
export const BARS = 1000

export async function openTestApp(
  dataDir: string,
  options: { concurrency?: number; maxQueued?: number; warmCells?: string; cache?: boolean } & Partial<AppOptions> = {},
): Promise<App> {
  const { concurrency = 2, maxQueued = 1000, warmCells = '0', cache = false, ...rest } = options
  const config = readConfig({
    HOTCELL_DATA_DIR: dataDir,
    HOTCELL_CONCURRENCY: String(concurrency),
    HOTCELL_MAX_QUEUED: String(maxQueued),
    HOTCELL_MAX_QUEUED_PER_OWNER: String(maxQueued),
    HOTCELL_WARM_CELLS: warmCells,
    HOTCELL_CACHE: cache ? '1' : '0',
    HOTCELL_LOG_LEVEL: 'silent',
  })
  return await openApp(config, { log: () => {}, ...rest })
}

/** Stores the candles that the submissions below run on. */
export async function writeTestCandles(app: Pick<App, 'archive'>): Promise<void> {
  await app.archive.write('spot', realShapedCandles(SYMBOL, BARS))
}

const ON_COIN = { symbols: [SYMBOL], interval: '1m' }

function withCode(decide: string, extra: object = {}): Record<string, unknown> {
  const code = `import { BaseStrategy } from 'hotcell'
export default class Made extends BaseStrategy {
  decide({ candles, index }) {
    ${decide}
    return index % 100 === 50 ? { signal: candles.close[index] > candles.open[index] ? 'BUY' : 'SELL' } : null
  }
}
`
  return { strategy: { module: 'made.js' }, files: { 'made.js': code }, ...ON_COIN, ...extra }
}

/** About `seconds` of computing in the realm, spread over the bars, with a line of log for each of ten bars. */
export function slowSubmission(seconds: number, extra: object = {}): Record<string, unknown> {
  const steps = Math.round((seconds * 60_000_000) / BARS)
  return withCode(
    `let x = index; for (let i = 0; i < ${steps}; i += 1) x = (x * 31 + i) % 1000003
    if (index % 100 === 0) console.log('bar ' + index + ' ' + (x >= 0))`,
    extra,
  )
}

export const SUBMISSIONS = {
  valid: (extra: object = {}): Record<string, unknown> => ({
    strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } },
    ...ON_COIN,
    ...extra,
  }),
  throwing: (extra: object = {}) => withCode(`if (index > 500) throw new Error('no more')`, extra),
  /** One call of decide() that does not end: stopped after a second. */
  endless: (extra: object = {}) => withCode(`while (index > 500) {}`, extra),
  /** Data that there are not. */
  unknown: (extra: object = {}): Record<string, unknown> => ({
    strategy: { builtin: 'BuyAndHold' },
    symbols: ['NOWHERE'],
    interval: '1m',
    ...extra,
  }),
} as const

export async function waitFor<T>(what: string, look: () => Promise<T | null | false>, ms = 60_000): Promise<T> {
  const end = performance.now() + ms
  while (performance.now() < end) {
    const seen = await look()
    if (seen !== null && seen !== false) return seen
    await sleep(10)
  }
  throw new Error(`Not within ${ms} ms: ${what}`)
}

export async function waitForEnd(app: App, id: string, ms?: number): Promise<Job> {
  return await waitFor(
    `the end of ${id}`,
    async () => {
      const job = await app.stores.jobs.get(id)
      return job !== null && isFinal(job.state) && job
    },
    ms,
  )
}

export async function readLog(app: App, id: string): Promise<LogEntry[]> {
  const { bytes } = await app.logs.read(id, { from: 0, maxBytes: 64 * 1024 * 1024 })
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogEntry)
}

/** Everything that must hold of a job that has ended; empty: all of it does. */
export async function findContradictions(app: App, id: string): Promise<string[]> {
  const job = await app.stores.jobs.get(id)
  if (job === null) return [`${id} is lost`]
  const events = (await app.stores.jobs.events(id)).map(({ event }) => event)
  const wrong: string[] = []
  const expectSame = (name: string, got: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)]
    if (a !== b) wrong.push(`${id} ${name}: ${a?.slice(0, 300)}, expected ${b?.slice(0, 300)}`)
  }
  if (!isFinal(job.state)) wrong.push(`${id} has not ended: ${job.state}`)
  const status = rebuild(events)
  for (const key of Object.keys(status) as (keyof typeof status)[]) expectSame(`row ${key}`, job[key], status[key])
  expectSame('ends', events.filter((event) => event.type === 'finished').length, 1)
  const result = await app.runs.load(id)
  expectSame('result outcome', result.outcome, job.outcome)
  expectSame('result fingerprint', result.fingerprint, job.fingerprint)
  expectSame('outcome attempt', job.outcome?.attempt, job.attempt)
  return wrong
}

/** Containers of a data directory, in whatever state. */
export async function listContainers(dataDir: string, engine = connectEngine()): Promise<ListedContainer[]> {
  const { instance } = JSON.parse(readFileSync(join(dataDir, 'instance.json'), 'utf8')) as { instance: string }
  return await listByLabels(engine, { [LABEL.instance]: instance })
}

export async function countContainers(dataDir: string, engine = connectEngine()): Promise<number> {
  return (await listContainers(dataDir, engine)).length
}
