import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { PlatformError } from '../../../src/errors.ts'
import { connectEngine, type EngineClient } from '../../sandbox/docker-client.ts'
import { startCell } from '../../sandbox/docker-driver.ts'
import { checkSocket, listRunnerImages, readEngineFacts } from '../../sandbox/engine-facts.ts'
import { ensureImage } from '../../sandbox/image/ensure-image.ts'
import { checkHost, type HostCheck } from '../../sandbox/host-check.ts'
import { loadPolicies, type SandboxPolicy } from '../../sandbox/policy.ts'
import { reconcile } from '../../sandbox/reconcile.ts'
import type { CliIo } from '../io.ts'

export interface DoctorOptions {
  /** Warnings count as failures. */
  readonly strict?: boolean
  /** A: the engine of this machine. */
  readonly engine?: EngineClient
}

const EXIT_FAILED = 6
const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const

/** `hotcell doctor`: what the engine and this host can enforce. Exit code 0, or 6 when something fails. */
export async function doctor(options: DoctorOptions, io: CliIo): Promise<number> {
  const checks = await runChecks(options)
  if (io.json) io.out(JSON.stringify({ checks }))
  else for (const check of checks) io.out(render(check))
  const bad = checks.some(({ status }) => status === 'fail' || (options.strict === true && status === 'warn'))
  return bad ? EXIT_FAILED : 0
}

async function runChecks(options: DoctorOptions): Promise<HostCheck[]> {
  const checks: HostCheck[] = []
  let policies: SandboxPolicy[] = []
  try {
    policies = [...loadPolicies().values()]
    checks.push(ok('policies', `Policies ${policies.map(({ name }) => `"${name}"`).join(', ')}`))
  } catch (error) {
    checks.push(failed('policies', error))
  }
  try {
    const engine = options.engine ?? connectEngine()
    checks.push(checkSocket(engine), ...checkHost(await readEngineFacts(engine), policies), checkSwap(engine))
    checks.push(...(await checkImage(engine, policies)))
  } catch (error) {
    checks.push(failed('engine', error))
  }
  return checks
}

/** Cells have no swap of their own; swap of the host can still write pages of a cell to its disk. */
function checkSwap(engine: EngineClient): HostCheck {
  const id = 'swap'
  if (engine.endpoint.socketPath === undefined || process.platform !== 'linux')
    return ok(id, 'Swap of a remote engine is not looked at')
  const lines = readFileSync('/proc/swaps', 'utf8').trim().split('\n').slice(1)
  if (lines.length === 0) return ok(id, 'No swap')
  return {
    id,
    status: 'warn',
    text: `${lines.length} swap device(s): limits hold, times vary under pressure`,
    hint: 'Turn swap off, or encrypt it',
  }
}

/** The image, and one cell of it: what really holds says more than what the engine claims. */
async function checkImage(engine: EngineClient, policies: readonly SandboxPolicy[]): Promise<HostCheck[]> {
  const images = await listRunnerImages(engine)
  if (images.length === 0) {
    return [
      {
        id: 'image',
        status: 'warn',
        text: 'The runner image is not there yet',
        hint: 'It is built by set-up, or at the first run',
      },
    ]
  }
  try {
    const { ref, digest, built } = await ensureImage(engine.docker)
    const found = ok('image', `Runner image ${ref} (${digest.slice(0, 19)}…)${built ? ', built anew just now' : ''}`)
    const policy = policies.find(({ name }) => name === 'default')
    return policy === undefined ? [found] : [found, await checkCell(engine, policy, ref)]
  } catch (error) {
    return [failed('image', error)]
  }
}

async function checkCell(engine: EngineClient, policy: SandboxPolicy, image: string): Promise<HostCheck> {
  const instance = `doctor-${randomBytes(6).toString('hex')}`
  try {
    const cell = await startCell({ engine, instance }, { policy, image })
    const { seccomp, uid, interfaces } = await cell.attested
    cell.kill({ kind: 'cancelled', reason: null, message: 'Checked' })
    await cell.finished
    return ok(
      'cell',
      `A cell holds its policy: uid ${uid}, seccomp ${seccomp}, only ${interfaces.join(', ')}, root read-only`,
    )
  } catch (error) {
    return failed('cell', error)
  } finally {
    await reconcile({ engine, instance }).catch(() => [])
  }
}

function ok(id: string, text: string): HostCheck {
  return { id, status: 'ok', text, hint: null }
}

function failed(id: string, error: unknown): HostCheck {
  const known = error instanceof PlatformError
  return { id, status: 'fail', text: known ? error.message : String(error), hint: known ? error.hint : null }
}

function render({ id, status, text, hint }: HostCheck): string {
  return `${MARKS[status]}  ${id.padEnd(16)}${text}${hint === null ? '' : `\n${' '.repeat(22)}-> ${hint}`}`
}
