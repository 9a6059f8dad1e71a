import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { callEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { type OwnEngine, startOwnEngine } from '../support/own-engine.ts'
import { createServiceProcess, type ServiceProcess } from '../support/service-process.ts'
import { listContainers, openTestApp, SUBMISSIONS, writeTestCandles } from '../support/service.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/*
 * `npm run soak -- --jobs 10000`: trivial jobs through `hotcell serve` with warm cells, on an engine of its own, and what the
 * service and the engine hold while they go by. Prints a table in Markdown; the exit code is 0 only when every job is
 * completed, nothing is left, and memory is flat from the second quarter to the last one.
 */
interface Sample {
  readonly jobs: number
  readonly serviceMiB: number
  readonly serviceDescriptors: number
  readonly serviceThreads: number
  readonly engineMiB: number
  readonly engineDescriptors: number
  readonly goroutines: number
  readonly containers: number
  readonly cgroups: number
  readonly temporary: number
}

/** Growth of a median that is still called flat. */
const FLAT = 1.1

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    concurrency: { type: 'string', default: '2' },
    /** No new job after so long. */
    minutes: { type: 'string', default: 'Infinity' },
  },
})
const most = Number(values.jobs)
/** Jobs between two samples. */
const every = Math.max(1, Math.min(250, Math.floor(most / 20)))
let jobs = 0
const concurrency = Number(values.concurrency)

using dir = temporaryDirectory()
const dataDir = join(dir.path, 'data')
const temporary = join(dir.path, 'tmp')
mkdirSync(temporary)
await using engine = await startOwnEngine({ liveRestore: false })
{
  await using app = await openTestApp(dataDir)
  await writeTestCandles(app)
}
await using service = createServiceProcess(dataDir, {
  DOCKER_HOST: engine.url,
  TMPDIR: temporary,
  HOTCELL_CONCURRENCY: String(concurrency),
  HOTCELL_CACHE: '0',
  HOTCELL_WARM_CELLS: `${concurrency}..${2 * concurrency}`,
  HOTCELL_MAX_QUEUED_PER_OWNER: '1000',
})
await service.start()
const begun = performance.now()
const samples = await run(service, engine)
const seconds = (performance.now() - begun) / 1000
const states = await countStates(service)
const code = await service.kill('SIGTERM')
const left = (await listContainers(dataDir, engine.client)).length + engine.processes().length + countFiles(temporary)

process.stdout.write(`${table(samples)}\n\n`)
process.stdout.write(
  `${jobs} jobs, ${concurrency} at once, ${seconds.toFixed(0)} s, ${(jobs / seconds).toFixed(1)} a second; ` +
    `states ${JSON.stringify(states)}; exit ${code}; left over ${left}\n`,
)
const isFlat = (['serviceMiB', 'engineMiB'] as const).map((key) => {
  const quarter = Math.ceil(samples.length / 4)
  const growth = medianOf(samples.slice(-quarter), key) / medianOf(samples.slice(quarter, 2 * quarter), key)
  process.stdout.write(`${key}: last quarter to second quarter ${growth.toFixed(3)}\n`)
  return growth <= FLAT
})
process.exitCode = isFlat.every(Boolean) && left === 0 && states['completed'] === jobs ? 0 : 1

/** All jobs, with somewhat more waiting than run; samples at even distances. */
async function run(on: ServiceProcess, engineOf: OwnEngine): Promise<Sample[]> {
  const taken: Sample[] = []
  const end = begun + Number(values.minutes) * 60_000
  const lane = async (): Promise<void> => {
    while (jobs < most && performance.now() < end) {
      jobs += 1
      const number = jobs
      const to = { body: SUBMISSIONS.valid(), key: `soak-${number}`, timeoutMs: 90_000 }
      const answer = await on.call('POST', '/v1/backtests?wait=60', to)
      if (answer?.status !== 200) throw new Error(`Job ${number}: ${JSON.stringify(answer)}`)
      if (number % every !== 0) continue
      taken.push(await sample(number, engineOf))
      process.stderr.write(`${JSON.stringify(taken.at(-1))}\n`)
    }
  }
  await Promise.all(Array.from({ length: 2 * concurrency }, lane))
  return taken
}

async function countStates(on: ServiceProcess): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let cursor = ''; ;) {
    const answer = await on.call('GET', `/v1/backtests?limit=200${cursor}`)
    if (answer === null) throw new Error('The service does not list its jobs')
    const page = answer.body as unknown as { jobs: { state: string }[]; cursor: string | null }
    for (const { state } of page.jobs) counts[state] = (counts[state] ?? 0) + 1
    if (page.cursor === null) return counts
    cursor = `&cursor=${encodeURIComponent(page.cursor)}`
  }
}

async function sample(number: number, own: OwnEngine): Promise<Sample> {
  const { client, pid } = own
  const info = await callEngine<{ NGoroutines: number; NFd: number }>(client, {
    action: 'ask the engine',
    method: 'GET',
    path: '/info',
  })
  const serving = service.pid!
  return {
    jobs: number,
    serviceMiB: residentMiB(serving),
    serviceDescriptors: readdirSync(`/proc/${serving}/fd`).length,
    serviceThreads: readdirSync(`/proc/${serving}/task`).length,
    engineMiB: [pid!, ...own.helpers()].reduce((sum, one) => sum + residentMiB(one), 0),
    engineDescriptors: info.NFd,
    goroutines: info.NGoroutines,
    containers: (await listContainers(dataDir, client)).length,
    cgroups: own.cgroups(),
    temporary: countFiles(temporary),
  }
}

function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kib) / 1024)
}

function countFiles(folder: string): number {
  return readdirSync(folder, { recursive: true }).length
}

function medianOf(rows: readonly Sample[], key: keyof Sample): number {
  return rows.map((row) => row[key]).toSorted((a, b) => a - b)[rows.length >> 1]!
}

function table(rows: readonly Sample[]): string {
  const columns: readonly (readonly [keyof Sample, string])[] = [
    ['jobs', 'jobs'],
    ['serviceMiB', 'service MiB'],
    ['serviceDescriptors', 'descriptors'],
    ['serviceThreads', 'threads'],
    ['engineMiB', 'dockerd + containerd MiB'],
    ['engineDescriptors', 'descriptors'],
    ['goroutines', 'goroutines'],
    ['containers', 'containers'],
    ['cgroups', 'cgroups'],
    ['temporary', 'temporary files'],
  ]
  const head = [columns.map(([, name]) => name), columns.map(() => '---')]
  const body = rows
    .filter((_, i) => i % Math.ceil(rows.length / 12) === 0 || i === rows.length - 1)
    .map((row) => columns.map(([key]) => String(row[key])))
  return [...head, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
