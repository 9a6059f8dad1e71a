import { type IncomingMessage } from 'node:http'
import { homedir } from 'node:os'
import type { Socket } from 'node:net'
import Docker from 'dockerode'
import { PlatformError } from '../../src/errors.ts'
import { type EndpointOptions, type EngineEndpoint, findEngineEndpoint } from './engine-endpoint.ts'

/** One connection to a Docker engine. dockerode is the transport; every call has a time-out. */
export interface EngineClient {
  readonly docker: Docker
  readonly endpoint: EngineEndpoint
  readonly callTimeMs: number
}

/** An answer of the engine with an error status; anything else that goes wrong is a PlatformError. */
export class EngineError extends Error {
  readonly status: number
  constructor(action: string, status: number, message: string) {
    super(`Cannot ${action}: the engine answered ${status}, ${message}`)
    this.name = 'EngineError'
    this.status = status
  }
}

export interface EngineRequest {
  /** For messages: "create the cell". */
  readonly action: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | boolean>>
  readonly body?: object
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

type Mode = 'json' | 'stream' | 'hijack'

const DEFAULT_CALL_TIME_MS = 20_000

/** Finds the engine (DOCKER_HOST, current context, default socket) without asking it anything yet. */
export function connectEngine(options: Partial<EndpointOptions> & { callTimeMs?: number } = {}): EngineClient {
  const endpoint = findEngineEndpoint({ env: options.env ?? process.env, home: options.home ?? homedir() })
  const docker = new Docker(
    endpoint.socketPath === undefined
      ? {
          host: endpoint.host,
          port: endpoint.port,
          protocol: endpoint.tls === undefined ? 'http' : 'https',
          ...endpoint.tls,
        }
      : { socketPath: endpoint.socketPath },
  )
  return { docker, endpoint, callTimeMs: options.callTimeMs ?? DEFAULT_CALL_TIME_MS }
}

/** A call with a JSON answer. @throws EngineError on an error status, engine_timeout, engine_unavailable */
export async function callEngine<T>(engine: EngineClient, request: EngineRequest): Promise<T> {
  return (await dial(engine, request, 'json')) as T
}

/** A call whose answer goes on for a while: resolves at its headers. The caller drains or destroys it. */
export async function openEngineStream(engine: EngineClient, request: EngineRequest): Promise<IncomingMessage> {
  return (await dial(engine, request, 'stream')) as IncomingMessage
}

/** Upgrades the connection to a raw one (attach). Without this the output of a cell is lost without an error. */
export async function hijackEngine(engine: EngineClient, request: EngineRequest): Promise<Socket> {
  return (await dial(engine, request, 'hijack')) as Socket
}

function dial(engine: EngineClient, request: EngineRequest, mode: Mode): Promise<unknown> {
  const timeoutMs = request.timeoutMs ?? engine.callTimeMs
  const abort = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  let settled = false
  const timer = setTimeout(() => {
    settled = true
    reject(
      new PlatformError('engine_timeout', `Cannot ${request.action}: no answer within ${timeoutMs} ms`, {
        details: { endpoint: engine.endpoint.url, timeoutMs },
      }),
    )
    abort.abort()
  }, timeoutMs)
  const onAbort = () => abort.abort()
  request.signal?.addEventListener('abort', onAbort, { once: true })
  engine.docker.modem.dial(
    {
      path: `${request.path}?`,
      method: request.method,
      // Without a body of its own the library would send the query as the body too, and a hijacked body becomes stdin.
      options: { _query: request.query ?? {}, _body: request.body ?? {} },
      abortSignal: abort.signal,
      isStream: mode !== 'json',
      hijack: mode === 'hijack',
      openStdin: false,
      statusCodes: { 200: true, 201: true, 204: true, 304: true },
    },
    (error: unknown, answer: unknown) => {
      clearTimeout(timer)
      if (mode === 'json' || error !== null) request.signal?.removeEventListener('abort', onAbort)
      if (settled) {
        if (mode !== 'json') (answer as Socket | null)?.destroy()
        return
      }
      if (error) reject(toError(engine, request.action, error))
      else resolve(answer)
    },
  )
  return promise
}

function toError(engine: EngineClient, action: string, error: unknown): Error {
  const { statusCode, json, code, message } = error as {
    statusCode?: number
    json?: { message?: unknown } | null
    code?: string
    message: string
  }
  if (typeof statusCode === 'number') {
    const said = json !== null && typeof json === 'object' && typeof json.message === 'string' ? json.message : message
    return new EngineError(action, statusCode, said.trim().slice(0, 2000))
  }
  return new PlatformError(
    'engine_unavailable',
    `Cannot ${action}: no Docker engine at "${engine.endpoint.url}" (${code ?? message})`,
    {
      details: { endpoint: engine.endpoint.url, source: engine.endpoint.source, error: code ?? message },
      cause: error,
    },
  )
}
