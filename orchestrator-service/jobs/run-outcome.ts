import { type ClaimedOutcome, type Outcome, OUTCOME_REASONS, type OutcomeKind } from '../../src/protocol/outcome.ts'
import type { RunMode } from '../../src/protocol/header.ts'
import type { Verdict } from '../results/verify/verifier.ts'
import type { CellEnd } from '../sandbox/exit.ts'

/** The part of an outcome that says what happened; limits and usage are added by `completeOutcome`. */
export interface OutcomeCore {
  readonly kind: OutcomeKind
  readonly reason: string | null
  readonly message: string
  readonly hint?: string | null
  readonly location?: Outcome['location']
  readonly pointer?: string | null
  readonly lastBarTime?: number | null
}

/** Hints for outcomes whose message alone does not say what to do. */
const HINTS: Readonly<Record<string, string>> = {
  invalid_config: 'Correct the field at the pointer',
  'strategy_error(threw)': 'Correct the strategy at the place that is named',
  'strategy_error(syntax)':
    'Correct the file at the place that is named; `hotcell validate FILE` checks it without a run',
  'strategy_error(load_timeout)': 'Loading and construction have 2 s: move work into decide()',
  'strategy_error(bad_decision)': 'See the fields of a Decision in docs/strategies.md',
  'strategy_error(bad_answer)': 'See what the method may answer in docs/strategies.md',
  'strategy_error(too_many_orders)': 'Return fewer decisions, or close lots before opening more',
  'strategy_error(crashed)': 'The strategy brought its process down; simplify it, or report it',
  'limit_exceeded(wall_time)': 'Choose a shorter range, or a policy with more time',
  'limit_exceeded(bar_time)': 'One call of decide() took longer than a second: look for a loop that does not end',
  'limit_exceeded(no_event)': 'The cell was silent for too long',
  'limit_exceeded(pids)': 'The runner needs few threads: something in the cell started others',
  'limit_exceeded(memory)': 'Keep less in memory, or use a policy with more (options.policy: trusted)',
  'limit_exceeded(output)': 'Log less: the caps stand in the limits of the result',
  'limit_exceeded(verification)': 'Make fewer decisions: the replay has a deadline of its own',
  'tampered(replay)': 'The cell claimed a result that its own decisions do not give; both versions are kept',
  'tampered(lookahead)':
    'The decision that is named is another one without the bars behind it: look for an index beyond context.index, or for a cell that was broken',
  'tampered(checkpoint)':
    'The cell contradicted what the host has kept of earlier decisions: it was broken; run the job again',
  'platform_error(infra)': 'Run it again; `hotcell doctor` checks the engine',
  'platform_error(protocol)': 'The cell did not answer as the runner does; its log may say why',
  'platform_error(attestation)': '`hotcell doctor` says what this host cannot enforce',
  'platform_error(invariant)': 'This is a bug of Hotcell; keep the run directory and report it',
}

/** An outcome of what was learnt on the way: verdict, claim, exit. */
export function completeOutcome(
  core: OutcomeCore,
  context: { exit: CellEnd | null; wallMs: number; bars: number | null; attempt?: number },
): Outcome {
  const { exit, wallMs, bars } = context
  const code = core.reason === null ? core.kind : `${core.kind}(${core.reason})`
  return {
    kind: core.kind,
    reason: core.reason,
    message: core.message,
    hint: core.hint ?? HINTS[code] ?? null,
    location: core.location ?? null,
    pointer: core.pointer ?? null,
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    killedBy: exit?.killedBy ?? null,
    limits: exit?.limits ?? {},
    usage: {
      wallMs: exit?.usage.wallMs ?? wallMs,
      cpuNanos: exit?.usage.cpuNanos ?? null,
      peakMemoryBytes: exit?.usage.peakMemoryBytes ?? null,
      stdoutBytes: exit?.usage.stdoutBytes ?? 0,
      stderrBytes: exit?.usage.stderrBytes ?? 0,
      bars,
    },
    lastBarTime: core.lastBarTime ?? exit?.lastBarTime ?? null,
    attempt: context.attempt ?? 1,
  }
}

/** What a cell may claim about its own end; anything else is not its to say. */
const CLAIMABLE: readonly OutcomeKind[] = ['ok', 'strategy_error', 'invalid_config', 'limit_exceeded', 'platform_error']

/** An "ok" without a verified result means something only where nothing was asked but to inspect. */
function isClaimable({ kind, reason }: ClaimedOutcome, mode: RunMode): boolean {
  if (!CLAIMABLE.includes(kind) || (kind === 'ok' && mode !== 'inspect')) return false
  const reasons: readonly string[] = OUTCOME_REASONS[kind]
  return reasons.length === 0 ? reason === null : reason !== null && reasons.includes(reason)
}

function ofClaim(claim: ClaimedOutcome, mode: RunMode): OutcomeCore {
  const { kind, reason, message, hint, location, lastBarTime } = claim
  if (!isClaimable(claim, mode)) {
    const name = reason === null ? kind : `${kind}(${reason})`
    return {
      kind: 'platform_error',
      reason: 'protocol',
      message: `The cell claims an outcome that is not its to claim: ${name}`,
    }
  }
  return { kind, reason, message, hint, location, pointer: claim.pointer ?? null, lastBarTime }
}

/** What the verification says of a run whose cell ended by itself. */
export function outcomeOfVerdict(verdict: Verdict, mode: RunMode): OutcomeCore {
  switch (verdict.type) {
    case 'verified':
      return { kind: 'ok', reason: null, message: 'Verified' }
    case 'claimed':
      return ofClaim(verdict.outcome, mode)
    case 'tampered':
      return { kind: 'tampered', reason: verdict.reason ?? 'replay', message: verdict.message }
    case 'too_many_orders':
      return { kind: 'strategy_error', reason: 'too_many_orders', message: verdict.message }
    case 'overrun':
      return { kind: 'limit_exceeded', reason: 'verification', message: verdict.message }
    case 'failed':
      return verdict.kind === 'mismatch'
        ? { kind: 'data_unavailable', reason: 'mismatch', message: verdict.message }
        : { kind: 'platform_error', reason: verdict.kind, message: verdict.message }
  }
}
