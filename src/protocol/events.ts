import { type Static, Type } from 'typebox'
import { oneOf } from './one-of.ts'

const strict = { additionalProperties: false } as const
/** A plain string as a key means `^.*$`, which lets what stands under a key with a line break pass unchecked. */
const AnyKey = Type.String({ pattern: '^[\\s\\S]*$' })

/** What the runner says of itself before any job data reaches it; the host compares it with the policy (SECURITY 5). */
export const Attestation = Type.Object(
  {
    v: Type.Literal(1),
    uid: Type.Integer(),
    gid: Type.Integer(),
    groups: Type.Array(Type.Integer(), { maxItems: 64 }),
    /** Hex masks of /proc/self/status: CapInh, CapPrm, CapEff, CapBnd, CapAmb. */
    capabilities: Type.Array(Type.String({ maxLength: 32 }), { maxItems: 5 }),
    seccomp: Type.Integer(),
    noNewPrivs: Type.Integer(),
    /** Mount options of `/` begin with ro. */
    rootReadOnly: Type.Boolean(),
    /** Mount points other than the root with their options, sorted. */
    writableMounts: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 32 }),
    interfaces: Type.Array(Type.String({ maxLength: 32 }), { maxItems: 32 }),
    /** IPv4 routes, sorted: `<interface> <destination>/<bits>`; a default route is `<interface> 0.0.0.0/0`. */
    routes: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 }),
    memoryBytes: Type.Number(),
    swapBytes: Type.Number(),
    pids: Type.Number(),
    cpuQuota: Type.Number(),
    cpuPeriod: Type.Number(),
    nofile: Type.Number(),
    fsize: Type.Number(),
    core: Type.Number(),
    msgqueue: Type.Number(),
    memlock: Type.Number(),
    environment: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 32 }),
    hostname: Type.String({ maxLength: 256 }),
    pid: Type.Integer(),
    node: Type.String({ maxLength: 64 }),
    arch: Type.String({ maxLength: 32 }),
    engine: Type.String({ maxLength: 128 }),
  },
  strict,
)
export type Attestation = Static<typeof Attestation>

/** An instant that a date can show, ms UTC, or null. */
const InstantOrNull = Type.Union([Type.Number({ minimum: -8.64e15, maximum: 8.64e15 }), Type.Null()])

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

const event = <T extends string, P extends Record<string, import('typebox').TSchema>>(type: T, properties: P) =>
  Type.Object({ type: Type.Literal(type), ...properties }, strict)

/** A line of the cell's stderr. */
export const CellEvent = Type.Union([
  event('attestation', { attestation: Attestation }),
  /** The strategy was loaded: what the run needs. The host answers with the series. */
  event('accepted', {
    lookback: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    symbols: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 500 }),
    units: Type.Integer({ minimum: 0, maximum: 500 }),
    /** Whether other decisions are made out of those of the units; absent: no. */
    aggregates: Type.Optional(Type.Boolean()),
    /** It has an onBar: its decisions are made in phase 2. */
    portfolio: Type.Optional(Type.Boolean()),
  }),
  /** While no job has come: the cell could not prepare itself. It is only slower. */
  event('unready', { message: Type.String({ maxLength: 8192 }) }),
  event('log', {
    level: oneOf(LOG_LEVELS),
    unit: Type.String({ maxLength: 128 }),
    /** Decision instant in ms, null outside decide(). */
    time: InstantOrNull,
    text: Type.String(),
    fields: Type.Optional(
      Type.Record(AnyKey, Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]), strict),
    ),
  }),
  event('progress', {
    phase: oneOf(['load', 'decide', 'execute']),
    done: Type.Number({ minimum: 0 }),
    total: Type.Number({ minimum: 0 }),
    barTime: InstantOrNull,
  }),
  /** A part of what a finished unit decided (P4). Parts of one unit follow each other. */
  event('checkpoint', {
    unit: Type.Integer({ minimum: 0, maximum: 499 }),
    part: Type.Integer({ minimum: 0, maximum: 100_000 }),
    parts: Type.Integer({ minimum: 1, maximum: 100_000 }),
    data: Type.String({ maxLength: 61_440 }),
    /** The chain over all checkpoints so far, this one included. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  }),
  /** Mode proof: all decisions due at `time` or before are made. */
  event('commit', {
    time: Type.Number({ minimum: -8.64e15, maximum: 8.64e15 }),
    /** The decision chain up to here. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** Rows since the commit before, and the first 16 digits of the sha256 of the first 64 of them. */
    rows: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    digests: Type.Array(Type.String({ pattern: '^[0-9a-f]{16}$' }), { maxItems: 64 }),
  }),
  /** The runner cannot go on and must be killed by the host. */
  event('fatal', {
    kind: Type.Union([
      Type.Literal('heap'),
      Type.Literal('bar_time'),
      Type.Literal('load_time'),
      Type.Literal('internal'),
    ]),
    message: Type.String(),
    barTime: InstantOrNull,
  }),
])
export type CellEvent = Static<typeof CellEvent>
