import { randomBytes } from 'node:crypto'
import type { Config } from '../../config.ts'
import { listRunnerImages } from '../../host-check/engine-facts.ts'
import { failed, type Finding, findRefused, good, remark } from '../../host-check/finding.ts'
import { inspectHost } from '../../host-check/inspect-host.ts'
import { connectEngine, type EngineClient } from '../../sandbox/docker-client.ts'
import { startCell } from '../../sandbox/docker-driver.ts'
import { ensureImage } from '../../sandbox/image/ensure-image.ts'
import { loadPolicies, type SandboxPolicy } from '../../sandbox/policy.ts'
import { reconcile } from '../../sandbox/reconcile.ts'
import type { CliIo } from '../io.ts'
import { exitCodeOfError } from '../exit-codes.ts'

export interface DoctorOptions {
  /** What weakens isolation counts as a failure. */
  readonly strict?: boolean
  readonly config: Pick<Config, 'dataDir' | 'accept' | 'strict'>
  /** A: the engine of this machine. */
  readonly engine?: EngineClient
}

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const
const INDENT = ' '.repeat(6)

/**
 * `hotcell doctor`: what the engine and this host can enforce, and what weakens it. Exit code 0, or 6 when something fails;
 * strict: also when something weakens isolation and is not accepted by its id.
 */
export async function doctor({ config, engine, ...flags }: DoctorOptions, io: CliIo): Promise<number> {
  const strict = flags.strict === true || config.strict
  const findings = await examine(engine ?? null, config.dataDir)
  const refused = findRefused(findings, config.accept).filter(({ level }) => strict || level === 'fail')
  const code = refused.length === 0 ? null : 'host_refused'
  if (io.json) io.out(JSON.stringify({ strict, code, refused: refused.map(({ id }) => id), findings }))
  else {
    for (const finding of findings) io.out(render(finding, config.accept))
    if (code !== null) io.err(`error [${code}]: Cannot accept this host: ${refused.map(({ id }) => id).join(', ')}`)
  }
  return code === null ? 0 : exitCodeOfError(code)
}

async function examine(given: EngineClient | null, dataDir: string): Promise<Finding[]> {
  const findings: Finding[] = []
  let policies: SandboxPolicy[] = []
  try {
    policies = [...loadPolicies().values()]
    findings.push(good('policies', `Policies ${policies.map(({ name }) => `"${name}"`).join(', ')}`))
  } catch (error) {
    findings.push(failed('policies', error))
  }
  let engine: EngineClient
  try {
    engine = given ?? connectEngine()
  } catch (error) {
    return [...findings, failed('engine', error)]
  }
  findings.push(...(await inspectHost({ engine, policies, dataDir })))
  if (findings.some(({ id, level }) => id === 'engine' && level === 'fail')) return findings
  return [...findings, ...(await examineImage(engine, policies))]
}

/** The image, and one cell of it: what really holds says more than what the engine claims. */
async function examineImage(engine: EngineClient, policies: readonly SandboxPolicy[]): Promise<Finding[]> {
  try {
    if ((await listRunnerImages(engine)).length === 0)
      return [remark('image', 'The runner image is not there yet', 'It is built by set-up, or at the first run')]
    const { ref, digest, built } = await ensureImage(engine.docker)
    const found = good('image', `Runner image ${ref} (${digest.slice(0, 19)}…)${built ? ', built anew just now' : ''}`)
    const policy = policies.find(({ name }) => name === 'default')
    return policy === undefined ? [found] : [found, await examineCell(engine, policy, ref)]
  } catch (error) {
    return [failed('image', error)]
  }
}

async function examineCell(engine: EngineClient, policy: SandboxPolicy, image: string): Promise<Finding> {
  const instance = `doctor-${randomBytes(6).toString('hex')}`
  try {
    const cell = await startCell({ engine, instance }, { policy, image })
    const { seccomp, uid, interfaces } = await cell.attested
    cell.kill({ kind: 'cancelled', reason: null, message: 'Checked' })
    await cell.finished
    return good(
      'cell',
      `A cell holds its policy: uid ${uid}, seccomp ${seccomp}, only ${interfaces.join(', ')}, root read-only`,
    )
  } catch (error) {
    return failed('cell', error)
  } finally {
    await reconcile({ engine, instance }).catch(() => [])
  }
}

function render({ id, level, seen, weakens, action }: Finding, accepted: readonly string[]): string {
  const isAccepted = weakens !== null && level === 'warn' && accepted.includes(id)
  const lines = [`${MARKS[level]}  ${id.padEnd(22)}${seen}${isAccepted ? ' (accepted)' : ''}`]
  if (weakens !== null) lines.push(`${INDENT}weakens: ${weakens}`)
  if (action !== null) lines.push(`${INDENT}-> ${action}`)
  return lines.join('\n')
}
