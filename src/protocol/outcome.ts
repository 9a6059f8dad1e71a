import { type Static, Type } from 'typebox'
import { oneOf } from './one-of.ts'

const strict = { additionalProperties: false } as const

export const OUTCOME_KINDS = [
  'ok',
  'strategy_error',
  'invalid_config',
  'limit_exceeded',
  'data_unavailable',
  'cancelled',
  'tampered',
  'platform_error',
] as const
export type OutcomeKind = (typeof OUTCOME_KINDS)[number]

export const OUTCOME_REASONS = {
  ok: [],
  strategy_error: [
    'threw',
    'syntax',
    'load_timeout',
    'bad_decision',
    'bad_answer',
    'too_many_orders',
    'policy_out_of_bounds',
    'crashed',
    'forbidden_syscall',
  ],
  invalid_config: [],
  limit_exceeded: ['wall_time', 'bar_time', 'no_event', 'cpu', 'memory', 'output', 'pids', 'verification'],
  data_unavailable: ['unknown_symbol', 'empty_range', 'gaps', 'mismatch'],
  cancelled: [],
  tampered: ['replay', 'lookahead', 'checkpoint'],
  platform_error: ['infra', 'protocol', 'invariant', 'attestation'],
} as const satisfies Record<OutcomeKind, readonly string[]>

/** Where in the submitted files something happened; lines and columns count from 1. */
export const SourceLocation = Type.Object(
  { file: Type.String({ maxLength: 512 }), line: Type.Integer({ minimum: 0 }), column: Type.Integer({ minimum: 0 }) },
  strict,
)
export type SourceLocation = Static<typeof SourceLocation>

/** The end of a run as the runner claims it (stdout); the host completes it to an Outcome. */
export const ClaimedOutcome = Type.Object(
  {
    kind: oneOf(OUTCOME_KINDS),
    reason: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
    message: Type.String({ maxLength: 16_384 }),
    hint: Type.Union([Type.String({ maxLength: 4096 }), Type.Null()]),
    location: Type.Union([SourceLocation, Type.Null()]),
    /** JSON pointer for invalid_config. */
    pointer: Type.Optional(Type.String({ maxLength: 1024 })),
    lastBarTime: Type.Union([Type.Number({ minimum: -8.64e15, maximum: 8.64e15 }), Type.Null()]),
  },
  strict,
)
export type ClaimedOutcome = Static<typeof ClaimedOutcome>

/** The end of a run as the host states it: same shape for all ends. */
export interface Outcome {
  readonly kind: OutcomeKind
  readonly reason: string | null
  readonly message: string
  readonly hint: string | null
  readonly location: SourceLocation | null
  readonly pointer: string | null
  readonly exitCode: number | null
  readonly signal: string | null
  /** Who ended the cell: null (it ended itself), host or kernel. */
  readonly killedBy: 'host' | 'kernel' | null
  readonly limits: Readonly<Record<string, unknown>>
  readonly usage: {
    readonly wallMs: number
    readonly cpuNanos: number | null
    readonly peakMemoryBytes: number | null
    readonly stdoutBytes: number
    readonly stderrBytes: number
    readonly bars: number | null
  }
  readonly lastBarTime: number | null
  readonly attempt: number
}
