import { type Static, type TSchema, Type } from 'typebox'
import { oneOf } from '../../src/protocol/one-of.ts'

const strict = { additionalProperties: false } as const

/** A value of a policy file never stands without the reason for it. */
function reasoned<T extends TSchema>(value: T) {
  return Type.Object({ value, reason: Type.String({ minLength: 8, maxLength: 512 }) }, strict)
}

const bytes = (maximum: number) => Type.Integer({ minimum: 1, maximum })
const millis = Type.Integer({ minimum: 1, maximum: 24 * 3_600_000 })
const absolutePath = Type.String({ pattern: '^/(proc|sys|dev)/[A-Za-z0-9_./-]+$', maxLength: 128 })
const GIB = 2 ** 30

/** Who may ask for a policy. Auditors run nothing. */
const RUNNING_ROLES = ['user', 'admin'] as const

/** Every key of a policy that has one value; `maskedPaths` and `readonlyPaths` are lists. */
export const VALUES = {
  roles: Type.Array(oneOf(RUNNING_ROLES), { minItems: 1, uniqueItems: true }),
  runtime: Type.Union([Type.Literal('runc'), Type.Literal('runsc'), Type.Literal('kata')]),
  seccomp: Type.String({ pattern: '^[a-z0-9-]+\\.json$' }),
  /** Nobody to talk to, or the name of an internal network of the engine. */
  network: Type.Union([Type.Literal('none'), Type.String({ pattern: '^hotcell-[a-z0-9-]{1,40}$' })]),
  uid: Type.Integer({ minimum: 1, maximum: 65_534 }),
  gid: Type.Integer({ minimum: 1, maximum: 65_534 }),
  hostname: Type.String({ pattern: '^[a-z0-9-]{1,63}$' }),
  environment: Type.Record(Type.String({ pattern: '^[A-Z_]+$' }), Type.String({ maxLength: 128 }), {
    maxProperties: 16,
  }),
  /** Whether runs are checked for look-ahead (V4) that did not ask for it. */
  lookAheadProof: Type.Union([Type.Literal('on_request'), Type.Literal('always')]),
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

export type PolicyValues = { -readonly [K in keyof typeof VALUES]: Static<(typeof VALUES)[K]> }

const NAME = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' })

/** A policy file in which every key is there: its own, or its base's. */
export const PolicyFile = Type.Object(
  {
    name: NAME,
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

/** What a file may say of the policy that it changes; everything else it leaves as it is there. */
export const PolicyBase = Type.Object({ base: NAME })
