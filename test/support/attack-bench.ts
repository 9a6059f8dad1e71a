import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CellEvent } from '../../src/protocol/events.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { readConfig } from '../../orchestrator-service/config.ts'
import { type App, openApp } from '../../orchestrator-service/app.ts'
import type { RunDeps } from '../../orchestrator-service/deps.ts'
import { runBacktest, type RunEnd } from '../../orchestrator-service/jobs/run-backtest.ts'
import { LABEL } from '../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { listByLabels } from '../../orchestrator-service/sandbox/engine-calls.ts'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import { loadPolicies, POLICY_DIR, type SandboxPolicy } from '../../orchestrator-service/sandbox/policy.ts'
import { type Attack, type AttackSeen, decideWith, HONEST_DECIDE, type PolicyTweaks, REPORT } from './attack.ts'
import { CALM, type WIDE, writeAttackCandles } from './attack-candles.ts'
import { ensureTestImage } from './test-image.ts'
import { TEST_RUNTIME, testPolicies } from './test-runtime.ts'

/**
 * Theory of operation. Each attack gets a data directory of its own (lock, instance, archive) and goes through the whole
 * pipeline of the product, `runBacktest`; only the policy's sizes and times may be shortened, and an attack that takes the
 * realm as broken gets the image with the open one. Beside it runs a benign job under the product's own policy and image.
 * What must hold afterwards is looked at from outside: the data directory and the places that an escape would write to,
 * the engine's containers of this instance, the processes in the cells' cgroups, the engine's answer time.
 */
export interface AttackRun extends AttackSeen {
  readonly benign: RunEnd
  readonly wallMs: number
  readonly left: readonly string[]
  readonly processes: readonly string[]
  readonly engineMs: number
  readonly hostBefore: string
  readonly hostAfter: string
}

export interface AttackBench extends AsyncDisposable {
  readonly twin: AttackSeen['twin']
  /** Fingerprint of the benign job before any attack. */
  readonly benign: string
  run(attack: Attack): Promise<AttackRun>
}

/** File name that attacks try to leave on the host. */
const ESCAPE = 'hotcell-escape'

const engine = connectEngine()

const BENIGN = {
  strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } },
  symbols: [CALM],
  interval: '1h',
}

/** The policy files with shortened values, loaded as the product loads its own. */
function loadTweaked(tweaks: PolicyTweaks): ReadonlyMap<string, SandboxPolicy> {
  const folder = mkdtempSync(join(tmpdir(), 'hotcell-policies-'))
  try {
    cpSync(join(POLICY_DIR, 'seccomp'), join(folder, 'seccomp'), { recursive: true })
    const file = JSON.parse(readFileSync(join(POLICY_DIR, 'default.json'), 'utf8')) as Record<
      string,
      { value: unknown }
    >
    for (const [key, value] of Object.entries(tweaks)) file[key]!.value = value
    if (TEST_RUNTIME !== null) file['runtime']!.value = TEST_RUNTIME
    writeFileSync(join(folder, 'default.json'), JSON.stringify(file))
    return loadPolicies(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Sums of every file of a directory, and of the places where an escape would leave something. */
function fingerprintHost(dataDir: string): string {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('lock'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const sums = files.map((file) => `${file} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`)
  const escapes = ['/', tmpdir(), '/var/tmp', '/dev/shm', '/etc', PROJECT_ROOT, process.cwd()]
    .map((folder) => join(folder, ESCAPE))
    .filter((file) => statSync(file, { throwIfNoEntry: false }) !== undefined)
  return [...sums, ...escapes].join('\n')
}

/** Host pids that live in the cgroup of one of the containers. */
function processesOf(containers: readonly string[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const cgroup = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
        return containers.some((id) => cgroup.includes(id))
      } catch {
        return false
      }
    })
}

/** Decision columns of a document that the host has verified; any other is not looked into. */
function decisionsOf(end: RunEnd): unknown {
  if (end.verdict?.type !== 'verified') return null
  return (JSON.parse(Buffer.from(end.exit?.stdout ?? []).toString('utf8')) as { decisions: unknown }).decisions
}

function reportOf(logs: readonly string[]): Record<string, unknown> {
  const line = logs.find((text) => text.startsWith(REPORT))
  return line === undefined ? {} : (JSON.parse(line.slice(REPORT.length)) as Record<string, unknown>)
}

async function submit(deps: RunDeps, raw: object, events: CellEvent[] = []): Promise<RunEnd> {
  const { config, options } = parseConfig({ ...raw, options: { policy: 'default' } })
  return runBacktest(deps, { job: 'attack', mode: 'run', config, options, onEvent: (event) => events.push(event) })
}

function describe(end: RunEnd, events: readonly CellEvent[]): Omit<AttackSeen, 'twin'> {
  const logs = (end.exit?.logs ?? []).map(({ text }) => text)
  const outcomeHash = end.verdict?.type === 'verified' ? end.verdict.run.outcome : null
  return { end, events, logs, report: reportOf(logs), outcomeHash, decisions: decisionsOf(end) }
}

async function imageOf(attack: Attack, used: Set<string>): Promise<string | null> {
  if (attack.where === 'realm') return null
  const sources: Record<string, string> = {}
  for (const [file, change] of Object.entries(attack.changes ?? {})) {
    const text = readFileSync(join(PROJECT_ROOT, file), 'utf8')
    sources[file] = change(text)
    if (sources[file] === text) throw new Error(`The attack ${attack.name} does not change ${file} any more`)
  }
  const entry = attack.where === 'open' ? join(PROJECT_ROOT, 'test/support/attack-main.ts') : 'runner'
  const { ref } = await ensureTestImage(engine.docker, { entry, sources })
  used.add(ref)
  return ref
}

async function timeEngine(): Promise<number> {
  const before = performance.now()
  await engine.docker.ping()
  return performance.now() - before
}

/** The product's service on a new data directory with the candles of the suite. */
async function openService(folder: string, symbol: typeof CALM | typeof WIDE): Promise<App> {
  mkdirSync(folder)
  const app = await openApp(readConfig({ HOTCELL_DATA_DIR: folder }), {
    log: () => {},
    oneShot: true,
    policies: testPolicies(),
  })
  await writeAttackCandles(app.archive, CALM)
  if (symbol !== CALM) await writeAttackCandles(app.archive, symbol)
  return app
}

function readInstance(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'instance.json'), 'utf8')) as { instance: string }).instance
}

/** Waits for what an ended cell leaves for a moment: the engine reaps a process just after it reports the exit. */
async function settle(look: () => readonly string[]): Promise<readonly string[]> {
  for (let round = 0; round < 20 && look().length > 0; round++) await sleep(100)
  return look()
}

async function runAttack(attack: Attack, folder: string, used: Set<string>): Promise<Omit<AttackRun, 'twin'>> {
  const symbol = attack.symbol ?? CALM
  const image = await imageOf(attack, used)
  await using app = await openService(folder, symbol)
  const { deps } = app
  const containers: string[] = []
  const hostile: RunDeps = {
    ...deps,
    policies: loadTweaked(attack.policy ?? {}),
    ...(image === null ? {} : { image: () => Promise.resolve({ ref: image, id: image, digest: image }) }),
    startCell: async (...parameters) => {
      const cell = await deps.startCell(...parameters)
      containers.push(cell.containerId)
      return cell
    },
  }
  const raw = {
    strategy: { module: 'main.ts' },
    files: { 'main.ts': attack.source },
    symbols: [symbol],
    interval: '1h',
    ...attack.config,
  }
  const events: CellEvent[] = []
  await deps.image()
  const hostBefore = fingerprintHost(folder)
  const started = performance.now()
  const [end, benign] = await Promise.all([submit(hostile, raw, events), submit(deps, BENIGN)])
  const wallMs = performance.now() - started
  const engineMs = await timeEngine()
  const instance = readInstance(folder)
  return {
    ...describe(end, events),
    benign,
    wallMs,
    engineMs,
    left: (await listByLabels(engine, { [LABEL.instance]: instance })).map(({ Names }) => Names[0] ?? ''),
    processes: await settle(() => processesOf(containers)),
    hostBefore,
    hostAfter: fingerprintHost(folder),
  }
}

/** Jobs that the host serves before anything is measured: a new process first grows by its compiled code. */
const WARM_UP_PAIRS = 5

/** The two honest runs that everything is compared with. */
async function runHonest(folder: string): Promise<{ twin: AttackSeen['twin']; benign: string }> {
  await using app = await openService(folder, CALM)
  const { deps } = app
  const source = decideWith('return honest(context.candles, context.index)', HONEST_DECIDE)
  const files = { 'main.ts': source }
  const end = await submit(deps, { ...BENIGN, strategy: { module: 'main.ts' }, files })
  const { outcomeHash, decisions } = describe(end, [])
  if (outcomeHash === null) throw new Error(`The benign twin failed: ${end.outcome.message}`)
  const benign = await submit(deps, BENIGN)
  for (let pair = 0; pair < WARM_UP_PAIRS; pair++) await Promise.all([submit(deps, BENIGN), submit(deps, BENIGN)])
  if (benign.verdict?.type !== 'verified') throw new Error(`The benign job failed: ${benign.outcome.message}`)
  return { twin: { outcomeHash, decisions }, benign: benign.verdict.run.fingerprint }
}

export async function openAttackBench(): Promise<AttackBench> {
  const root = mkdtempSync(join(tmpdir(), 'hotcell-attacks-'))
  const used = new Set<string>()
  const { twin, benign } = await runHonest(join(root, 'honest'))
  return {
    twin,
    benign,
    run: async (attack) => {
      const folder = join(root, attack.name)
      try {
        return { ...(await runAttack(attack, folder, used)), twin }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const ref of used)
        await engine.docker
          .getImage(ref)
          .remove()
          .catch(() => {})
      rmSync(root, { recursive: true, force: true })
    },
  }
}
