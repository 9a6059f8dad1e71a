import type { ErrorCode } from '../../src/errors.ts'
import type { OutcomeKind } from '../../src/protocol/outcome.ts'

/** Exit codes of the command line (SHAPES 7); 130 is 128 + SIGINT, as shells report it. */
const BY_OUTCOME: Readonly<Record<OutcomeKind, number>> = {
  ok: 0,
  strategy_error: 1,
  invalid_config: 2,
  data_unavailable: 3,
  limit_exceeded: 4,
  tampered: 5,
  platform_error: 6,
  cancelled: 130,
}

const BY_ERROR: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  invalid_config: 2,
  import_rejected: 2,
  invalid_instruments: 2,
  unknown_run: 2,
  no_figures: 2,
  not_finished: 2,
  invalid_request: 2,
  unauthorized: 2,
  forbidden: 2,
  unknown_route: 2,
  method_not_allowed: 2,
  unknown_key: 2,
  idempotency_conflict: 2,
  body_too_large: 2,
  headers_too_large: 2,
  request_timeout: 6,
  too_many_followers: 6,
  unsupported_media_type: 2,
  queue_full: 6,
  too_many_jobs: 6,
  service_unavailable: 6,
  service_unreachable: 6,
  stale_attempt: 6,
  store_damaged: 6,
  store_newer: 6,
  audit_damaged: 5,
  invalid_policy: 2,
  data_unavailable: 3,
  data_dir_locked: 6,
  policy_unavailable: 6,
  host_refused: 6,
  engine_unavailable: 6,
  engine_timeout: 6,
  image_build_failed: 6,
  protocol: 6,
  invariant: 6,
}

export function exitCodeOfOutcome(kind: OutcomeKind): number {
  return BY_OUTCOME[kind]
}

export function exitCodeOfError(code: ErrorCode): number {
  return BY_ERROR[code]
}
