import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CellEvent } from '../../src/protocol/events.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { readConfig } from '../../orchestrator-service/config.ts'
import { type App, openApp } from '../../orchestrator-service/app.ts'
import type { RunDeps } from '../../orchestrator-service/deps.ts'
import { runBacktest, type RunEnd } from '../../orchestrator-service/jobs/run-backtest.ts'
import type { Cell } from '../../orchestrator-service/sandbox/cell-handle.ts'
import { LABEL } from '../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { startCell } from '../../orchestrator-service/sandbox/docker-driver.ts'
import { listByLabels } from '../../orchestrator-service/sandbox/engine-calls.ts'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import { loadPolicies, POLICY_DIR, type SandboxPolicy } from '../../orchestrator-service/sandbox/policy.ts'
import { type AttackSeen, type CellAttack, decideWith, HONEST_DECIDE, type PolicyTweaks, REPORT } from './attack.ts'
import { changedVerifier, LYING, weakenEngine } from './attack-ablation.ts'
import { CALM, type WIDE, writeAttackCandles } from './attack-candles.ts'
import { changedSources } from './attack-changes.ts'
import { BENIGN } from './attack-client.ts'
import { fingerprintHost, processesOf, settle } from './attack-host.ts'
import { ensureTestImage } from './test-image.ts'
import { TEST_RUNTIME, testPolicies } from './test-runtime.ts'

/**
 * Theory of operation. Each attack gets a data directory of its own (lock, instance, archive) and goes through the whole
 * pipeline of the product, `runBacktest`; only the policy's sizes and times may be shortened, and an attack that takes the
 * realm as broken gets the image with the open one. Beside it runs a benign job under the product's own policy and image.
 * What must hold afterwards is looked at from outside: the data directory and the places that an escape would write to,
 * the engine's containers of this instance, the processes in the cells' cgroups, the engine's answer time. Without its first
 * layer an attack runs in the same way; what the layer is taken out of is the parts that `runBacktest` is given.
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
  /** `ablated`: without the attack's first layer. */
  run(attack: CellAttack, options: { readonly ablated: boolean }): Promise<AttackRun>
}

const engine = connectEngine()

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

function describe(end: RunEnd, events: readonly CellEvent[]): Omit<AttackSeen, 'twin' | 'connections'> {
  const logs = (end.exit?.logs ?? []).map(({ text }) => text)
  const outcomeHash = end.verdict?.type === 'verified' ? end.verdict.run.outcome : null
  return { end, events, logs, report: reportOf(logs), outcomeHash, decisions: decisionsOf(end) }
}

/** A service of the host, open on every address: attacks on the network are told its port. */
interface HostService {
  readonly port: number
  readonly server: Server
  connections: number
}

async function openHostService(): Promise<HostService> {
  const server = createServer((socket) => {
    service.connections += 1
    socket.destroy()
  })
  const service: HostService = { port: 0, server, connections: 0 }
  server.listen(0)
  await once(server, 'listening')
  return Object.assign(service, { port: (server.address() as AddressInfo).port })
}

/** What an attack is run with: its own parts, and for an ablated run those that lack the layer. */
interface Setting {
  readonly attack: CellAttack
  readonly ablation: NonNullable<CellAttack['ablated']> | null
  readonly folder: string
  readonly scratch: string
  readonly used: Set<string>
  readonly hostService: HostService
}

async function imageOf({ attack, ablation, used }: Setting): Promise<string | null> {
  const lying = attack.where === 'open' && (ablation?.engine ?? []).length > 0 ? LYING : {}
  const sources = changedSources({ ...attack.changes, ...ablation?.cell, ...lying })
  if (attack.where === 'realm' && Object.keys(sources).length === 0) return null
  const entry = attack.where === 'open' ? join(PROJECT_ROOT, 'test/support/attack-main.ts') : 'runner'
  const { ref } = await ensureTestImage(engine.docker, { entry, sources })
  if (attack.where !== 'open' || (Object.keys(sources).length > 0 && lying !== LYING)) used.add(ref)
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
  const app = await openApp(readConfig({ HOTCELL_DATA_DIR: folder, HOTCELL_CACHE: '0' }), {
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

function readRequest({ attack, ablation, hostService }: Setting): object {
  return {
    strategy: { module: 'main.ts' },
    files: { 'main.ts': ablation?.source ?? attack.source },
    symbols: [attack.symbol ?? CALM],
    interval: '1h',
    ...(attack.family === 'network' ? { args: { hostPort: hostService.port } } : {}),
    ...attack.config,
  }
}

/** The product's parts with the attack's image and sizes in them, and without the layer that is off. */
async function hostileDeps(
  setting: Setting,
  deps: RunDeps,
  onCell: (cell: Cell) => void,
): Promise<AsyncDisposable & { readonly deps: RunDeps }> {
  const { attack, ablation, folder, scratch } = setting
  const image = await imageOf(setting)
  const switches = ablation?.engine ?? []
  const weak = switches.length === 0 ? null : await weakenEngine(engine, switches)
  const policies = new Map(
    [...loadTweaked(attack.policy ?? {})].map(([name, policy]) => [name, { ...policy, ...ablation?.policy }]),
  )
  const verifier = ablation?.verifier === undefined ? deps.verifier : await changedVerifier(ablation.verifier, scratch)
  return {
    deps: {
      ...deps,
      policies,
      verifier,
      ...(image === null ? {} : { image: () => Promise.resolve({ ref: image, id: image, digest: image }) }),
      async startCell(policy, ref, listeners) {
        const cell =
          weak === null
            ? await deps.startCell(policy, ref, listeners)
            : await startCell(
                { engine: weak.client, instance: readInstance(folder) },
                { policy, image: ref, ...listeners },
              )
        onCell(cell)
        return cell
      },
    },
    [Symbol.asyncDispose]: async () => await weak?.[Symbol.asyncDispose](),
  }
}

async function runAttack(setting: Setting): Promise<Omit<AttackRun, 'twin'>> {
  const { attack, folder } = setting
  await using app = await openService(folder, attack.symbol ?? CALM)
  const { deps } = app
  const containers: string[] = []
  await using hostile = await hostileDeps(setting, deps, (cell) => containers.push(cell.containerId))
  const events: CellEvent[] = []
  await deps.image()
  const hostBefore = fingerprintHost(folder)
  const started = performance.now()
  const [end, benign] = await Promise.all([submit(hostile.deps, readRequest(setting), events), submit(deps, BENIGN)])
  const wallMs = performance.now() - started
  const engineMs = await timeEngine()
  const instance = readInstance(folder)
  return {
    ...describe(end, events),
    connections: setting.hostService.connections,
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
async function runHonest(folder: string, pairs: number): Promise<{ twin: AttackSeen['twin']; benign: string }> {
  await using app = await openService(folder, CALM)
  const { deps } = app
  const source = decideWith('return honest(context.candles, context.index)', HONEST_DECIDE)
  const files = { 'main.ts': source }
  const end = await submit(deps, { ...BENIGN, strategy: { module: 'main.ts' }, files })
  const { outcomeHash, decisions } = describe(end, [])
  if (outcomeHash === null) throw new Error(`The benign twin failed: ${end.outcome.message}`)
  const benign = await submit(deps, BENIGN)
  for (let pair = 0; pair < pairs; pair++) await Promise.all([submit(deps, BENIGN), submit(deps, BENIGN)])
  if (benign.verdict?.type !== 'verified') throw new Error(`The benign job failed: ${benign.outcome.message}`)
  return { twin: { outcomeHash, decisions }, benign: benign.verdict.run.fingerprint }
}

export async function openAttackBench({ warmUp = true } = {}): Promise<AttackBench> {
  const root = mkdtempSync(join(tmpdir(), 'hotcell-attacks-'))
  const used = new Set<string>()
  const hostService = await openHostService()
  const { twin, benign } = await runHonest(join(root, 'honest'), warmUp ? WARM_UP_PAIRS : 0)
  return {
    twin,
    benign,
    async run(attack, { ablated }) {
      const folder = join(root, `${attack.name}${ablated ? '-ablated' : ''}`)
      const ablation = ablated ? (attack.ablated ?? null) : null
      try {
        return { ...(await runAttack({ attack, ablation, folder, scratch: root, used, hostService })), twin }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
    async [Symbol.asyncDispose]() {
      hostService.server.close()
      for (const ref of used) {
        const image = engine.docker.getImage(ref)
        await image.remove().catch(() => {})
      }
      rmSync(root, { recursive: true, force: true })
    },
  }
}
