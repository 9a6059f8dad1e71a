import type { ClaimedOutcome, OutcomeKind, SourceLocation } from '../src/protocol/outcome.ts'

/** The expected end of a run, thrown to where the result is written. */
export class ClaimedEnd extends Error {
  readonly outcome: ClaimedOutcome

  constructor(outcome: ClaimedOutcome) {
    super(outcome.message)
    this.name = 'ClaimedEnd'
    this.outcome = outcome
  }
}

export interface ClaimOptions {
  readonly kind: OutcomeKind
  readonly reason?: string | null
  readonly message: string
  readonly hint?: string | null
  readonly location?: SourceLocation | null
  readonly pointer?: string
  readonly lastBarTime?: number | null
}

const MAX_MESSAGE = 16_000

export function claim(options: ClaimOptions): ClaimedEnd {
  const { kind, message, pointer } = options
  const over = message.length - MAX_MESSAGE
  return new ClaimedEnd({
    kind,
    reason: options.reason ?? null,
    message: over > 0 ? `${message.slice(0, MAX_MESSAGE)}… (${over} more characters)` : message,
    hint: options.hint ?? null,
    location: options.location ?? null,
    ...(pointer === undefined ? {} : { pointer: pointer.slice(0, 1024) }),
    lastBarTime: options.lastBarTime ?? null,
  })
}

/** The runner cannot go on: the host must kill the cell. */
export class FatalEnd extends Error {
  readonly kind: 'heap' | 'bar_time' | 'load_time' | 'internal'
  readonly barTime: number | null

  constructor(kind: FatalEnd['kind'], message: string, barTime: number | null = null) {
    super(message)
    this.name = 'FatalEnd'
    this.kind = kind
    this.barTime = barTime
  }
}
