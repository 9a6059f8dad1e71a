import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { PlatformError } from '../../src/errors.ts'
import { type SeccompProfile, parseSeccompProfile } from './seccomp-profile.ts'

const strict = { additionalProperties: false } as const

/** A value of a policy file never stands without the reason for it. */
function reasoned<T extends TSchema>(value: T) {
  return Type.Object({ value, reason: Type.String({ minLength: 8, maxLength: 512 }) }, strict)
}

const bytes = (maximum: number) => Type.Integer({ minimum: 1, maximum })
const millis = Type.Integer({ minimum: 1, maximum: 24 * 3_600_000 })
const absolutePath = Type.String({ pattern: '^/(proc|sys|dev)/[A-Za-z0-9_./-]+$', maxLength: 128 })
const GIB = 2 ** 30

const VALUES = {
  runtime: Type.Union([Type.Literal('runc'), Type.Literal('runsc'), Type.Literal('kata')]),
  seccomp: Type.String({ pattern: '^[a-z0-9-]+\\.json$' }),
  uid: Type.Integer({ minimum: 1, maximum: 65_534 }),
  gid: Type.Integer({ minimum: 1, maximum: 65_534 }),
  hostname: Type.String({ pattern: '^[a-z0-9-]{1,63}$' }),
  environment: Type.Record(Type.String({ pattern: '^[A-Z_]+$' }), Type.String({ maxLength: 128 }), {
    maxProperties: 16,
  }),
  cores: Type.Integer({ minimum: 1, maximum: 64 }),
  cpuPeriodMicros: Type.Integer({ minimum: 1000, maximum: 1_000_000 }),
  cpuShares: Type.Integer({ minimum: 2, maximum: 262_144 }),
  memoryBytes: Type.Integer({ minimum: 64 * 2 ** 20, maximum: 1024 * GIB, multipleOf: 4096 }),
  pids: Type.Integer({ minimum: 8, maximum: 4096 }),
  tmpfsBytes: Type.Integer({ minimum: 2 ** 20, maximum: GIB, multipleOf: 4096 }),
  tmpfsInodes: Type.Integer({ minimum: 16, maximum: 65_536 }),
  nofile: Type.Integer({ minimum: 64, maximum: 65_536 }),
  fsizeBytes: bytes(GIB),
  core: Type.Literal(0),
  msgqueueBytes: Type.Literal(0),
  memlockBytes: Type.Literal(0),
  bootTimeMs: millis,
  wallTimeMs: millis,
  barTimeMs: millis,
  noEventTimeMs: millis,
  loadTimeMs: millis,
  stdoutBytes: bytes(GIB),
  logBytes: bytes(GIB),
  checkpointBytes: bytes(GIB),
  lineBytes: bytes(2 ** 20),
  engineLogBytes: bytes(4 * GIB),
} as const

type Values = { -readonly [K in keyof typeof VALUES]: Static<(typeof VALUES)[K]> }

export const PolicyFile = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
    description: Type.String({ minLength: 8, maxLength: 512 }),
    ...(Object.fromEntries(Object.entries(VALUES).map(([key, schema]) => [key, reasoned(schema)])) as Record<
      string,
      ReturnType<typeof reasoned>
    >),
    maskedPaths: Type.Array(reasoned(absolutePath), { minItems: 1, maxItems: 256 }),
    readonlyPaths: Type.Array(reasoned(absolutePath), { minItems: 1, maxItems: 256 }),
  },
  strict,
)

/** A policy with its reasons left out: what the container is made from and compared with. */
export interface SandboxPolicy extends Readonly<Omit<Values, 'seccomp' | 'environment'>> {
  readonly name: string
  readonly description: string
  readonly environment: Readonly<Record<string, string>>
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
  readonly seccomp: SeccompProfile
  /** sha256 over the values (not the reasons), the seccomp rules included. */
  readonly hash: string
}

export const POLICY_DIR = fileURLToPath(new URL('../../sandbox-policies/', import.meta.url))

/** Every policy of a folder by its name. Unknown keys, missing reasons and contradictions are `invalid_policy`. */
export function loadPolicies(dir: string = POLICY_DIR): Map<string, SandboxPolicy> {
  const names = readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .sort()
  const policies = new Map<string, SandboxPolicy>()
  for (const file of names) {
    const policy = parsePolicy(readJson(join(dir, file)), file, (name) => readJson(join(dir, 'seccomp', name)))
    if (`${policy.name}.json` !== file) {
      throw invalid(file, [{ pointer: '/name', message: `is "${policy.name}", expected the file's own name` }])
    }
    policies.set(policy.name, policy)
  }
  if (policies.size === 0)
    throw new PlatformError('invalid_policy', `Cannot load policies of "${dir}": none there, expected at least one`)
  return policies
}

/** One parsed policy file; `readSeccomp` answers with the parsed profile of a name. */
export function parsePolicy(raw: unknown, file: string, readSeccomp: (name: string) => unknown): SandboxPolicy {
  if (!Value.Check(PolicyFile, raw)) {
    const errors = [...Value.Errors(PolicyFile, raw)].slice(0, 20)
    throw invalid(
      file,
      errors.map((error) => ({ pointer: error.instancePath || '/', message: describe(error) })),
    )
  }
  const entries = raw as unknown as Record<string, { value: unknown }>
  const values = Object.fromEntries(Object.keys(VALUES).map((key) => [key, entries[key]?.value])) as unknown as Values
  const plain = {
    ...values,
    name: raw.name,
    description: raw.description,
    maskedPaths: (raw.maskedPaths as { value: string }[]).map((entry) => entry.value),
    readonlyPaths: (raw.readonlyPaths as { value: string }[]).map((entry) => entry.value),
    seccomp: parseSeccompProfile(readSeccomp(values.seccomp), values.seccomp),
  }
  const errors = contradictions(plain)
  if (errors.length > 0) throw invalid(file, errors)
  const hash = createHash('sha256').update(canonicalJson(plain)).digest('hex')
  return Object.freeze({ ...plain, hash })
}

function contradictions(policy: Omit<SandboxPolicy, 'hash'>): { pointer: string; message: string }[] {
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
  return errors
}

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

function invalid(file: string, errors: { pointer: string; message: string }[]): PlatformError {
  const first = errors[0]
  return new PlatformError('invalid_policy', `Cannot load policy "${file}": ${first?.pointer} ${first?.message}`, {
    errors,
  })
}
