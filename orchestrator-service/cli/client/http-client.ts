import { PlatformError } from '../../../src/errors.ts'
import { visible } from '../visible.ts'
import { problemToError } from './problem.ts'

/** Where a service is and what opens it. */
export interface Endpoint {
  readonly url: string
  readonly key: string | null
}

export interface RequestOptions {
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

export interface Answer {
  readonly status: number
  /** Parsed JSON; null for an empty answer. */
  readonly body: unknown
}

/** Calls of the HTTP API. Each has a time-out and a cap; what the service refuses is thrown as the error that it names. */
export interface HttpClient {
  json(method: 'GET' | 'POST' | 'DELETE', path: string, options?: RequestOptions): Promise<Answer>
  text(path: string): Promise<string>
  /** The body as it comes; the time-out is for its beginning alone. */
  stream(path: string, options?: RequestOptions): Promise<ReadableStream<Uint8Array>>
}

const HEAD_TIMEOUT_MS = 30_000
const BODY_TIMEOUT_MS = 300_000
/** A result with all its points; larger ones were not written by a service. */
const MAX_BODY_BYTES = 256 * 1024 * 1024
const MAX_PROBLEM_BYTES = 1024 * 1024

/** `endpoint` is asked before each call: a service that was started again has another address or token. */
export function createHttpClient(endpoint: () => Endpoint): HttpClient {
  const read = async (exchange: Exchange): Promise<string> => {
    const limit = exchange.limit(BODY_TIMEOUT_MS)
    try {
      return new TextDecoder().decode(await readBody(exchange.response, MAX_BODY_BYTES, exchange.url))
    } finally {
      clearTimeout(limit)
    }
  }
  return {
    async json(method, path, options = {}) {
      const exchange = await begin(endpoint(), method, path, options)
      const text = await read(exchange)
      return { status: exchange.response.status, body: text === '' ? null : parseJson(text, exchange.url) }
    },
    async text(path) {
      return await read(await begin(endpoint(), 'GET', path, {}))
    },
    async stream(path, options = {}) {
      const { response } = await begin(endpoint(), 'GET', path, options)
      return response.body ?? new ReadableStream({ start: (controller) => controller.close() })
    },
  }
}

interface Exchange {
  readonly url: string
  readonly response: Response
  /** Gives what follows so much time. */
  limit(timeoutMs: number): NodeJS.Timeout
}

/** Sends a request and waits for the head of its answer. @throws PlatformError what the service refused with, service_unreachable */
async function begin({ url, key }: Endpoint, method: string, path: string, options: RequestOptions): Promise<Exchange> {
  const headers: Record<string, string> = { ...options.headers }
  if (key !== null) headers['authorization'] = `Bearer ${key}`
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  const controller = new AbortController()
  const limit = (timeoutMs: number): NodeJS.Timeout =>
    setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
  options.signal?.addEventListener('abort', () => controller.abort(new Error('given up')), { once: true })
  if (options.signal?.aborted === true) controller.abort(new Error('given up'))
  const timer = limit(options.timeoutMs ?? HEAD_TIMEOUT_MS)
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers,
      redirect: 'error',
      signal: controller.signal,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    })
    if (!response.ok) throw problemToError(url, response, await readBody(response, MAX_PROBLEM_BYTES, url))
    return { url, response, limit }
  } catch (error) {
    throw error instanceof PlatformError ? error : unreachable(url, error)
  } finally {
    clearTimeout(timer)
  }
}

async function readBody(response: Response, maxBytes: number, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > maxBytes) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw unreachable(url, error)
  }
  if (bytes <= maxBytes) return Buffer.concat(chunks)
  throw new PlatformError('protocol', `Cannot read the answer of "${url}": it is longer than ${maxBytes} bytes`, {
    hint: 'HOTCELL_URL may name something that is no Hotcell service',
  })
}

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new PlatformError('protocol', `Cannot read the answer of "${url}": it is not JSON`, {
      cause,
      hint: 'HOTCELL_URL may name something that is no Hotcell service',
    })
  }
}

/** Why no answer came, in one line; the reasons of `fetch` lie below its own words. */
export function unreachable(url: string, error: unknown): PlatformError {
  const { message, cause } = error as { message?: unknown; cause?: { code?: unknown; message?: unknown } }
  const why = visible(String(cause?.code ?? cause?.message ?? message ?? error))
  return new PlatformError('service_unreachable', `Cannot reach the service at "${url}": ${why}, expected an answer`, {
    details: { url },
    cause: error,
  })
}
