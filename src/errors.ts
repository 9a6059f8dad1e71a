/**
 * Every error code of the product. Codes never change meaning and are never reused.
 * The HTTP status or exit code of a code is the business of the edge that answers with it.
 */
export const ERROR_CODES = {
  usage: { audience: 'user', hint: 'See `hotcell --help`' },
  invalid_config: { audience: 'user', hint: 'Correct the field at the pointer' },
  data_unavailable: { audience: 'user', hint: 'See what there is with `hotcell candles list`' },
  import_rejected: {
    audience: 'user',
    hint: 'Correct the rows that the report names and import again; nothing was stored',
  },
  invalid_instruments: { audience: 'user', hint: 'Correct the instrument file at the pointer; nothing was stored' },
  unknown_run: { audience: 'user', hint: 'Check the id; results are kept in the data directory' },
  no_figures: { audience: 'user', hint: 'Its result says why the run ended' },
  not_finished: { audience: 'user', hint: 'Wait for the end of the job, or cancel it' },
  invalid_request: { audience: 'user', hint: 'See /openapi.json for what this route takes' },
  unauthorized: { audience: 'user', hint: 'Send a key as `Authorization: Bearer …`; `hotcell keys create` makes one' },
  forbidden: { audience: 'user', hint: 'The role of this key may not do that' },
  policy_unavailable: { audience: 'user', hint: 'Use another policy; `hotcell doctor` says what this engine lacks' },
  unknown_route: { audience: 'user', hint: 'See /openapi.json for the routes' },
  method_not_allowed: { audience: 'user', hint: 'The header Allow names the methods of this route' },
  unknown_key: { audience: 'user', hint: 'See the keys with `hotcell keys list`' },
  idempotency_conflict: { audience: 'user', hint: 'Use another Idempotency-Key for another body' },
  queue_full: { audience: 'user', hint: 'Try again after the time in Retry-After' },
  too_many_jobs: { audience: 'user', hint: 'Wait until some of your runs have ended, or cancel some' },
  too_many_followers: { audience: 'user', hint: 'Close a stream, or try again after the time in Retry-After' },
  body_too_large: { audience: 'user', hint: 'A submission has at most 4 MiB' },
  headers_too_large: { audience: 'user', hint: 'The headers of a request have at most 16 KiB' },
  request_timeout: { audience: 'user', hint: 'Send the whole request faster' },
  unsupported_media_type: { audience: 'user', hint: 'Send `Content-Type: application/json`' },
  service_unavailable: { audience: 'operator', hint: 'The service is starting or ending; try again' },
  service_unreachable: { audience: 'operator', hint: 'Start it with `hotcell serve`, or correct HOTCELL_URL' },
  stale_attempt: { audience: 'operator', hint: 'Somebody else holds this job now; nothing is to be done' },
  store_damaged: {
    audience: 'operator',
    hint: 'Stop the service and put back the last backup of hotcell.db; docs/operations.md says how',
  },
  store_newer: {
    audience: 'operator',
    hint: 'Use the release that wrote it, or put back the backup made before the upgrade',
  },
  audit_damaged: {
    audience: 'operator',
    hint: '`hotcell audit verify` says where; docs/audit.md says how to go on. Keep the file: it is evidence',
  },
  data_dir_locked: { audience: 'operator', hint: 'Wait for the holder to finish, or use another HOTCELL_DATA_DIR' },
  invalid_policy: { audience: 'operator', hint: 'Correct the policy file under sandbox-policies' },
  engine_unavailable: {
    audience: 'operator',
    hint: 'Start the Docker engine, or set DOCKER_HOST; `hotcell doctor` says more',
  },
  host_refused: {
    audience: 'operator',
    hint: 'Do what the findings say, accept them by id in HOTCELL_ACCEPT, or leave HOTCELL_STRICT unset',
  },
  engine_timeout: {
    audience: 'operator',
    hint: 'The Docker engine did not answer in time; `hotcell doctor` says more',
  },
  image_build_failed: {
    audience: 'operator',
    hint: 'Run `node setup.mjs` again; on systems without glibc name a base with --base IMAGE',
  },
  protocol: { audience: 'operator', hint: 'The cell sent something that the protocol does not allow' },
  invariant: { audience: 'operator', hint: 'This is a bug of Hotcell; keep the run directory and report it' },
} as const satisfies Record<string, { audience: 'user' | 'operator'; hint: string }>

export type ErrorCode = keyof typeof ERROR_CODES

/** One thing wrong with an input: where (JSON pointer) and what. */
export interface FieldError {
  pointer: string
  message: string
}

/** An error with a stable code. Across threads and containers only `toJSON()` travels, never the instance. */
export class PlatformError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>
  readonly errors: readonly FieldError[]
  readonly hint: string

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; errors?: readonly FieldError[]; hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PlatformError'
    this.code = code
    this.details = options.details ?? {}
    this.errors = options.errors ?? []
    this.hint = options.hint ?? ERROR_CODES[code].hint
  }

  toJSON(): {
    code: ErrorCode
    message: string
    hint: string
    errors: readonly FieldError[]
    details: Readonly<Record<string, unknown>>
  } {
    return { code: this.code, message: this.message, hint: this.hint, errors: this.errors, details: this.details }
  }
}
