import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readServiceFile } from '../../orchestrator-service/cli/client/service-file.ts'
import { createStores } from '../../orchestrator-service/deps.ts'
import { LABEL } from '../../orchestrator-service/sandbox/container-spec.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { listByLabels } from '../../orchestrator-service/sandbox/engine-calls.ts'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'
import type { ClientAttack, Expected } from './attack.ts'
import { type Answer, type AttackedService, BENIGN, type RawConnection, type RequestParts } from './attack-client.ts'
import { CALM, writeAttackCandles } from './attack-candles.ts'
import { NOT_ABLATED } from './attack-changes.ts'
import { findEscapes } from './attack-host.ts'

/**
 * Theory of operation. A hostile client attacks a real `hotcell serve` in a process of its own, with a data directory of its
 * own. It is mallory, with the key of a user; alice is another user, whose benign job runs beside the attack and must give
 * its known fingerprint. Afterwards the same process must answer, within bounds of memory, with its audit log intact and no
 * cell left. Without its first layer the service is the same but for the changed sources (`ablated-sources.ts`).
 */
const MAIN = join(PROJECT_ROOT, 'orchestrator-service/cli/main.ts')
const HOOKS = join(PROJECT_ROOT, 'test/support/ablated-sources.ts')
const REQUEST_MS = 60_000
/** What a service may have grown by; one that lacks a limit may for a while hold what the limit keeps out. */
const MAX_GROWTH_BYTES = { normal: 256 * 2 ** 20, ablated: 1024 * 2 ** 20 }

interface ServiceProcess extends AsyncDisposable {
  readonly child: ChildProcess
  readonly url: string
  readonly token: string
  readonly said: () => string
}

async function startService(dataDir: string, attack: ClientAttack, ablated: boolean): Promise<ServiceProcess> {
  const preload = ablated ? ['--import', HOOKS] : []
  const child = spawn(process.execPath, [...preload, MAIN, 'serve', '--port', '0'], {
    env: {
      ...process.env,
      HOTCELL_DATA_DIR: dataDir,
      HOTCELL_WARM_CELLS: '0',
      HOTCELL_CACHE: '0',
      HOTCELL_DRAIN_MS: '0',
      ...attack.env,
      ...(ablated ? { HOTCELL_TEST_ATTACK: attack.name } : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const serving = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (text.includes('serves')) resolve()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  })
  await Promise.race([serving, closed])
  const file = readServiceFile(dataDir)
  if (file === null || file.pid !== child.pid) throw new Error(`The service did not start: ${said.slice(-4000)}`)
  return {
    child,
    url: file.url,
    token: file.token,
    said: () => said,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
      await closed
      clearTimeout(timer)
    },
  }
}

async function requestAt(url: string, method: string, path: string, parts: RequestParts): Promise<Answer> {
  const { secret = null, body, raw, headers, signal } = parts
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      ...(body === undefined && raw === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(raw === undefined ? {} : { body: raw as string }),
    signal: signal ?? AbortSignal.timeout(REQUEST_MS),
  })
  const text = await answer.text()
  let json: unknown = null
  try {
    json = JSON.parse(text)
  } catch {
    // Reports, streams and empty answers are no JSON
  }
  return { status: answer.status, headers: answer.headers, text, json: (json ?? {}) as Record<string, unknown> }
}

async function openRaw(url: string, text: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  let got = ''
  socket.setEncoding('utf8').on('data', (part: string) => (got += part))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const heard = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  socket.write(text)
  return {
    socket,
    async received(ms) {
      await Promise.race([closed, sleep(ms, undefined, { ref: false })])
      socket.destroy()
      return got
    },
    async first(ms) {
      await Promise.race([heard, closed, sleep(ms, undefined, { ref: false })])
      return got
    },
  }
}

function memoryOf(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}

async function waitForEnd(url: string, id: string, secret: string): Promise<Record<string, unknown>> {
  for (let round = 0; round < 600; round++) {
    const { json } = await requestAt(url, 'GET', `/v1/backtests/${id}`, { secret })
    if (['completed', 'failed', 'cancelled'].includes(String(json['state']))) return json
    await sleep(100)
  }
  throw new Error(`The job ${id} did not end`)
}

async function submitBenign(url: string, secret: string): Promise<string> {
  const { json, text } = await requestAt(url, 'POST', '/v1/backtests', { secret, body: BENIGN })
  assert.equal(typeof json['id'], 'string', text)
  return String(json['id'])
}

/** A service that ends leaves a cell that is fed to the next one; here there is none. */
async function endJobs(url: string, secret: string): Promise<void> {
  const query = ['queued', 'preparing', 'running', 'verifying'].map((state) => `state=${state}`).join('&')
  const { json, text } = await requestAt(url, 'GET', `/v1/backtests?limit=200&${query}`, { secret })
  assert.ok(Array.isArray(json['jobs']), text)
  for (const { id } of json['jobs'] as { id: string }[]) {
    await requestAt(url, 'POST', `/v1/backtests/${id}/cancel`, { secret })
    await waitForEnd(url, id, secret)
  }
}

export interface ClientRun {
  readonly outcome: Expected
  /** Fingerprint of alice's job. */
  readonly benign: unknown
  readonly wallMs: number
  readonly left: readonly string[]
}

/** Runs one client attack against a service of its own and looks at what is left of the service. */
export async function runClientAttack(
  attack: ClientAttack,
  options: { readonly ablated: boolean },
): Promise<ClientRun> {
  const root = mkdtempSync(join(tmpdir(), 'hotcell-client-'))
  const dataDir = join(root, 'data')
  mkdirSync(dataDir)
  try {
    await writeAttackCandles(createStores({ dataDir }).archive, CALM)
    await using service = await startService(dataDir, attack, options.ablated)
    const run = await attackService(attack, { dataDir, service, ablated: options.ablated })
    await service[Symbol.asyncDispose]()
    assert.ok(!service.said().includes(NOT_ABLATED), service.said().slice(-1000))
    const { instance } = JSON.parse(readFileSync(join(dataDir, 'instance.json'), 'utf8')) as { instance: string }
    const left = (await listByLabels(connectEngine(), { [LABEL.instance]: instance })).map(
      ({ Names }) => Names[0] ?? '',
    )
    return { ...run, left }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function attackService(
  attack: ClientAttack,
  { dataDir, service, ablated }: { dataDir: string; service: ServiceProcess; ablated: boolean },
): Promise<Omit<ClientRun, 'left'>> {
  const { url, token, said, child } = service
  const key = async (owner: string, role: string) => {
    const { json } = await requestAt(url, 'POST', '/v1/admin/keys', { secret: token, body: { owner, role } })
    return String(json['secret'])
  }
  const keys = {
    mallory: await key('mallory', 'user'),
    alice: await key('alice', 'user'),
    auditor: await key('carol', 'auditor'),
    admin: token,
  }
  const attacked: AttackedService = {
    url,
    dataDir,
    keys,
    said,
    request: (method, path, parts = {}) => requestAt(url, method, path, { secret: keys.mallory, ...parts }),
    open: (text) => openRaw(url, text),
    async jobOfAlice() {
      const id = await submitBenign(url, keys.alice)
      await waitForEnd(url, id, keys.alice)
      return id
    },
    waitForEnd: (id, secret) => waitForEnd(url, id, secret),
  }
  const memoryBefore = memoryOf(child.pid)
  const started = performance.now()
  const benign = await submitBenign(url, keys.alice)
  const outcome = await ((ablated ? attack.ablated?.run : undefined) ?? attack.run)(attacked)
  const { fingerprint } = await waitForEnd(url, benign, keys.alice)
  const wallMs = performance.now() - started
  await endJobs(url, token)

  assert.equal(child.exitCode, null, said().slice(-2000))
  assert.equal((await requestAt(url, 'GET', '/health/ready', {})).status, 200)
  assert.ok(
    memoryOf(child.pid) - memoryBefore < MAX_GROWTH_BYTES[ablated ? 'ablated' : 'normal'],
    'the service holds on to memory',
  )
  const audit = await requestAt(url, 'GET', '/v1/admin/audit?limit=1', { secret: token })
  assert.equal(audit.status, 200, audit.text)
  assert.deepEqual(findEscapes(), [])
  for (const secret of Object.values(keys)) assert.ok(!said().includes(secret), 'a secret is in the log')
  return { outcome, benign: fingerprint, wallMs }
}
