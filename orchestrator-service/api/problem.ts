import type { FastifyReply } from 'fastify'
import { STATUS_CODES } from 'node:http'
import { ERROR_CODES, type ErrorCode, PlatformError } from '../../src/errors.ts'

/** HTTP status of every error code. */
export const STATUS_OF_CODE: Readonly<Record<ErrorCode, number>> = {
  usage: 400,
  invalid_config: 400,
  invalid_request: 400,
  import_rejected: 400,
  invalid_instruments: 500,
  unauthorized: 401,
  forbidden: 403,
  unknown_run: 404,
  unknown_route: 404,
  unknown_key: 404,
  data_unavailable: 404,
  no_figures: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  not_finished: 409,
  idempotency_conflict: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  policy_unavailable: 422,
  queue_full: 429,
  too_many_jobs: 429,
  too_many_followers: 429,
  headers_too_large: 431,
  stale_attempt: 500,
  store_damaged: 500,
  store_newer: 500,
  audit_damaged: 500,
  data_dir_locked: 500,
  invalid_policy: 500,
  host_refused: 500,
  image_build_failed: 500,
  protocol: 500,
  invariant: 500,
  service_unavailable: 503,
  service_unreachable: 503,
  engine_unavailable: 503,
  engine_timeout: 503,
}

/** Seconds after which a client that was refused may try again, where the error itself does not say. */
const RETRY_AFTER_SECONDS: Readonly<Partial<Record<ErrorCode, number>>> = {
  queue_full: 5,
  too_many_jobs: 5,
  too_many_followers: 5,
  service_unavailable: 2,
  service_unreachable: 2,
  engine_unavailable: 10,
  engine_timeout: 10,
}

export const PROBLEM_TYPE = 'application/problem+json'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly message: string }[]
  readonly hint: string
}

export function buildProblem(error: PlatformError): Problem {
  const status = STATUS_OF_CODE[error.code]
  return {
    type: `urn:hotcell:error:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: error.code,
    detail: error.message,
    errors: error.errors.map(({ pointer, message }) => ({ pointer, message })),
    hint: error.hint,
  }
}

/** What a stranger may read of an error: the operator's own states are in the log, not in the answer. */
export function publicError(error: PlatformError, requestId: string): PlatformError {
  if (STATUS_OF_CODE[error.code] !== 500) return error
  const message = `Cannot answer: an unexpected error happened, the log names it at request ${requestId}`
  return new PlatformError('invariant', message, { hint: ERROR_CODES.invariant.hint })
}

export async function sendProblem(reply: FastifyReply, error: PlatformError): Promise<void> {
  const problem = buildProblem(error)
  const { retryAfterSeconds: said } = error.details
  const retryAfter = typeof said === 'number' ? said : RETRY_AFTER_SECONDS[error.code]
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="hotcell"')
  await reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
}

/** The error of a value in a request: `/query/limit`, `/path/id`, `/headers/idempotency-key`. */
export function invalidRequest(pointer: string, message: string): PlatformError {
  return new PlatformError('invalid_request', `Cannot use the request: "${pointer}" ${message}`, {
    errors: [{ pointer, message }],
  })
}
