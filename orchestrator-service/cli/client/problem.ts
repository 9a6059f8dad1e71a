import { ERROR_CODES, type ErrorCode, type FieldError, PlatformError } from '../../../src/errors.ts'
import { visible } from '../visible.ts'

const MAX_SHOWN = 200

/** What a service refused, as the error that it would have been in this process: same code, place and hint. */
export function problemToError(url: string, response: Response, body: Uint8Array): PlatformError {
  const problem = parseProblem(new TextDecoder().decode(body))
  const code = problem?.['code']
  if (problem === null || typeof code !== 'string' || !Object.hasOwn(ERROR_CODES, code)) {
    const answered = `${response.status} ${visible(response.statusText)}`.trim().slice(0, MAX_SHOWN)
    return new PlatformError(
      'service_unreachable',
      `Cannot use the service at "${url}": it answered ${answered}, expected an answer of Hotcell`,
      { details: { url, status: response.status }, hint: 'Correct HOTCELL_URL; a proxy before the service may answer' },
    )
  }
  const text = (name: string): string | null => (typeof problem[name] === 'string' ? problem[name] : null)
  const retryAfter = response.headers.get('retry-after')
  const hint = response.status === 429 && retryAfter !== null ? `Try again in ${retryAfter} s` : text('hint')
  return new PlatformError(code as ErrorCode, text('detail') ?? text('title') ?? 'The service refused the request', {
    errors: fieldErrors(problem['errors']),
    ...(hint === null ? {} : { hint }),
    details: retryAfter === null ? {} : { retryAfter },
  })
}

function parseProblem(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one: unknown) => {
    const { pointer, message } = (one ?? {}) as { pointer?: unknown; message?: unknown }
    return typeof pointer === 'string' && typeof message === 'string' ? [{ pointer, message }] : []
  })
}
