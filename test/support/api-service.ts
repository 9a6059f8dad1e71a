import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, openApp } from '../../orchestrator-service/app.ts'
import { readConfig } from '../../orchestrator-service/config.ts'
import { writeSampleCandles } from '../../orchestrator-service/candles/sample-data.ts'
import { startServer } from '../../orchestrator-service/server.ts'
import { createKey } from '../../orchestrator-service/store/keys.ts'
import type { ApiKey, Role } from '../../orchestrator-service/store/ports.ts'

export interface TestKey {
  readonly key: ApiKey
  readonly secret: string
}

/** A real service on a free port, over a data directory of its own, with the sample candles and a key of each kind. */
export interface TestService extends AsyncDisposable {
  readonly app: App
  readonly url: string
  readonly token: string
  readonly logLines: string[]
  createKey(owner: string, role: Role): Promise<TestKey>
  /** `secret` null: without a key. */
  request(method: string, path: string, options?: RequestOptions): Promise<Response>
  json(method: string, path: string, options?: RequestOptions): Promise<Record<string, unknown>>
  /** Stops listening and listens again on the same port: connections are cut, the service goes on. */
  closeServer(): Promise<void>
  openServer(): Promise<void>
}

export interface RequestOptions {
  readonly secret?: string | null
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export const TOKEN = 'a-token-of-this-start'

export async function startTestService(
  env: Readonly<Record<string, string>> = {},
  limits: { readonly stallMs?: number } = {},
): Promise<TestService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hotcell-api-'))
  const config = readConfig({ HOTCELL_DATA_DIR: dataDir, HOTCELL_PORT: '0', HOTCELL_CACHE: '0', ...env })
  const app = await openApp(config, { log: () => {} })
  await writeSampleCandles(app.archive)
  await app.start()
  const logLines: string[] = []
  const listen = async (port: number) =>
    await startServer(app, {
      host: '127.0.0.1',
      port,
      token: TOKEN,
      logLevel: 'info',
      logTarget: { write: (line) => void logLines.push(line) },
      ...limits,
    })
  let server = await listen(0)
  const { url } = server
  const request = async (method: string, path: string, options: RequestOptions = {}): Promise<Response> => {
    const { secret = TOKEN, body, raw, headers, signal } = options
    return await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(raw === undefined ? {} : { body: raw as string }),
      ...(signal === undefined ? {} : { signal }),
    })
  }
  return {
    app,
    url,
    token: TOKEN,
    logLines,
    createKey: async (owner, role) => await createKey(app.stores.keys, { owner, role, now: Date.now() }),
    request,
    json: async (method, path, options) =>
      (await (await request(method, path, options)).json()) as Record<string, unknown>,
    closeServer: async () => await server.close(),
    openServer: async () => {
      server = await listen(Number(new URL(url).port))
    },
    async [Symbol.asyncDispose]() {
      await server.close()
      await endJobs(app)
      await app[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** No cell may outlive the data directory that knows it. */
async function endJobs(app: App): Promise<void> {
  for (const state of ['queued', 'preparing', 'running', 'verifying'] as const) {
    const { jobs } = await app.stores.jobs.list({ owner: null, states: [state], limit: 10_000 })
    for (const { id } of jobs) await app.jobs.cancel(id, 'test')
  }
  await app.drain(30_000)
}

/** A backtest on the sample candles. */
export function sampleBacktest(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } },
    symbols: ['SYN-BTC', 'SYN-ETH'],
    interval: '1h',
    ...changes,
  }
}

/** A backtest of a strategy with this source. */
export function sourceBacktest(
  source: string,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return sampleBacktest({
    strategy: { module: 'main.ts' },
    files: { 'main.ts': source },
    symbols: ['SYN-BTC'],
    ...changes,
  })
}
