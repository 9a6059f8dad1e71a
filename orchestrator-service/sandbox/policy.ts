import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Value } from 'typebox/value'
import { type FieldError, PlatformError } from '../../src/errors.ts'
import { PolicyBase, PolicyFile, type PolicyValues, VALUES } from './policy-file.ts'
import { parseSeccompProfile, type SeccompProfile } from './seccomp-profile.ts'

/** A policy with its reasons left out: what the container is made from and compared with. */
export interface SandboxPolicy extends Readonly<Omit<PolicyValues, 'seccomp' | 'environment' | 'roles'>> {
  readonly name: string
  readonly description: string
  /** Roles whose keys may ask for it. */
  readonly roles: readonly PolicyValues['roles'][number][]
  readonly environment: Readonly<Record<string, string>>
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
  readonly seccomp: SeccompProfile
  /** sha256 over the values (not the reasons), the seccomp rules included. */
  readonly hash: string
}

/** Gives the parsed JSON of a file of the policy folder: `strict.json`, `seccomp/default.json`. */
export type ReadPolicyFile = (path: string) => unknown

export const POLICY_DIR = fileURLToPath(new URL('../../sandbox-policies/', import.meta.url))

/** Of jobs that name none. */
export const USUAL_POLICY = 'default'

/** Every policy of a folder by its name. Unknown keys, missing reasons and contradictions are `invalid_policy`. */
export function loadPolicies(dir: string = POLICY_DIR): Map<string, SandboxPolicy> {
  const policies = new Map<string, SandboxPolicy>()
  for (const file of policyFiles(dir)) {
    const policy = loadPolicy(dir, file)
    policies.set(policy.name, policy)
  }
  if (policies.has(USUAL_POLICY)) return policies
  throw new PlatformError('invalid_policy', `Cannot load policies of "${dir}": there is no ${USUAL_POLICY}.json`, {
    hint: `Put back ${USUAL_POLICY}.json: it is the policy of jobs that name none`,
  })
}

/** For what starts no cell: the policies that can be read, and what is wrong with the others. */
export function loadSoundPolicies(dir: string = POLICY_DIR): {
  readonly policies: Map<string, SandboxPolicy>
  readonly errors: PlatformError[]
} {
  const policies = new Map<string, SandboxPolicy>()
  const errors: PlatformError[] = []
  for (const file of policyFiles(dir)) {
    try {
      const policy = loadPolicy(dir, file)
      policies.set(policy.name, policy)
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      errors.push(error)
    }
  }
  return { policies, errors }
}

function policyFiles(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .sort()
}

function loadPolicy(dir: string, file: string): SandboxPolicy {
  const read: ReadPolicyFile = (path) => readJson(join(dir, path))
  const policy = parsePolicy(read(file), file, read)
  if (`${policy.name}.json` === file) return policy
  const errors = [{ pointer: '/name', message: `is "${policy.name}", expected the file's own name` }]
  throw invalid(file, errors, 'Give the file and /name the same name')
}

/** One parsed policy file, with what it leaves to its base. @throws invalid_policy: file, key, what to do */
export function parsePolicy(own: unknown, file: string, read: ReadPolicyFile): SandboxPolicy {
  const raw = withBase(own, file, read)
  if (!Value.Check(PolicyFile, raw)) {
    const errors = [...Value.Errors(PolicyFile, raw)].slice(0, 20)
    throw invalid(
      file,
      errors.map((error) => ({ pointer: error.instancePath || '/', message: describe(error) })),
    )
  }
  const entries = raw as unknown as Record<string, { value: unknown }>
  const values = Object.fromEntries(
    Object.keys(VALUES).map((key) => [key, entries[key]?.value]),
  ) as unknown as PolicyValues
  const plain = {
    ...values,
    name: raw.name,
    description: raw.description,
    maskedPaths: (raw.maskedPaths as { value: string }[]).map((entry) => entry.value),
    readonlyPaths: (raw.readonlyPaths as { value: string }[]).map((entry) => entry.value),
    seccomp: parseSeccompProfile(values.seccomp, (name) => read(`seccomp/${name}`)),
  }
  const errors = contradictions(plain)
  if (errors.length > 0) throw invalid(file, errors)
  const hash = createHash('sha256').update(canonicalJson(plain)).digest('hex')
  return Object.freeze({ ...plain, hash })
}

/** A file with a base says only what it changes. One step: a base has none, so that two files say all of a policy. */
function withBase(own: unknown, file: string, read: ReadPolicyFile): unknown {
  if (own === null || typeof own !== 'object' || !('base' in own)) return own
  const { base: name, ...changes } = own
  const wrong = (message: string) =>
    invalid(file, [{ pointer: '/base', message }], 'Name a policy that stands on its own, as default does')
  if (!Value.Check(PolicyBase, own)) throw wrong('must be the name of a policy')
  const base = read(`${String(name)}.json`)
  if (base === null || typeof base !== 'object' || 'base' in base)
    throw wrong(`is "${String(name)}", which has a base itself`)
  return { ...base, name: undefined, description: undefined, ...changes }
}

function contradictions(policy: Omit<SandboxPolicy, 'hash'>): FieldError[] {
  const errors = []
  const output = policy.stdoutBytes + policy.logBytes + policy.checkpointBytes
  if (policy.engineLogBytes <= output)
    errors.push({ pointer: '/engineLogBytes', message: `must be above the sum of the output caps, ${output}` })
  if (policy.lineBytes > policy.logBytes)
    errors.push({ pointer: '/lineBytes', message: 'must not be larger than /logBytes' })
  if (policy.barTimeMs >= policy.noEventTimeMs)
    errors.push({ pointer: '/barTimeMs', message: 'must be below /noEventTimeMs' })
  if (policy.maskedPaths.some((path) => path.startsWith('/sys/fs/cgroup')))
    errors.push({ pointer: '/maskedPaths', message: 'must not hide /sys/fs/cgroup: the attestation reads it' })
  if ('HOSTNAME' in policy.environment)
    errors.push({ pointer: '/environment', message: 'HOSTNAME is set by /hostname' })
  const sockets = policy.seccomp.syscalls.some(
    ({ action, names }) => action === 'SCMP_ACT_ALLOW' && names.some((name) => SOCKET_CALLS.has(name)),
  )
  if (sockets && policy.network === 'none')
    errors.push({ pointer: '/seccomp', message: 'must not allow sockets where /network is none' })
  if (!sockets && policy.network !== 'none')
    errors.push({ pointer: '/network', message: 'must be none where /seccomp allows no socket: nobody could use it' })
  if (policy.name === USUAL_POLICY && !policy.roles.includes('user'))
    errors.push({ pointer: '/roles', message: 'must have user: this is the policy of jobs that name none' })
  return errors
}

const SOCKET_CALLS = new Set(['socket', 'socketpair'])

/** JSON with sorted keys, so that the order of a file does not change the hash. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    entry !== null && typeof entry === 'object' && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  )
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch (cause) {
    throw new PlatformError('invalid_policy', `Cannot read policy "${path}": ${(cause as Error).message}`, { cause })
  }
}

/** `additionalProperties: false` reports the unknown key as a value that nothing matches. */
function describe(error: { keyword: string; message: string }): string {
  return error.keyword === 'boolean' ? 'is an unknown key' : error.message
}

function invalid(file: string, errors: FieldError[], hint?: string): PlatformError {
  const first = errors[0]
  return new PlatformError('invalid_policy', `Cannot load policy "${file}": ${first?.pointer} ${first?.message}`, {
    errors,
    hint: hint ?? hintOf(file, first),
  })
}

function hintOf(file: string, error: FieldError | undefined): string {
  const path = `sandbox-policies/${file}`
  if (error?.message === 'is an unknown key')
    return `Remove ${error.pointer} from ${path}, or correct its name; sandbox-policies/README.md lists the keys`
  if (error?.pointer === '/')
    return `Add what is missing to ${path}, each value as {"value": …, "reason": "…"}; sandbox-policies/README.md lists the keys`
  return `Correct ${error?.pointer} in ${path}; every value is {"value": …, "reason": "…"}`
}
