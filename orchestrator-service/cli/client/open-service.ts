import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PlatformError } from '../../../src/errors.ts'
import type { ApiContext } from '../../api/context.ts'
import type { Config } from '../../config.ts'
import { isLocked, readLockHolder } from '../../data-dir/lock.ts'
import type { ServiceLog } from '../../jobs/job-context.ts'
import { runDirectory } from '../../results/run-path.ts'
import type { CommandContext } from '../context.ts'
import { createHttpClient, type Endpoint } from './http-client.ts'
import { createServiceClient, type ServiceClient } from './service-client.ts'
import { readServiceFile } from './service-file.ts'

/**
 * Theory of operation. Every command talks to the HTTP API, whoever serves it: the service at HOTCELL_URL; the one that
 * holds the data directory, found by its service file; or one in this very process, on a free port of the loopback
 * interface, which ends with the command. Two of the latter exist. What makes or changes runs takes the lock of the
 * data directory and is a whole service that takes only the jobs of this command. What only reads does without
 * lock and engine, so that runs can be looked at while another command holds the directory, or without Docker.
 */
export interface Service extends AsyncDisposable {
  readonly client: ServiceClient
  /** Where the report of a run lies on this machine; null: it is not here, or there is none. */
  reportPath(id: string): string | null
}

/** What a command does with the service: look at what is stored (keys can be made there too), change runs, or make one. */
export type Need = 'read' | 'change' | 'run'

/**
 * @throws PlatformError data_dir_locked (another command holds the directory and serves nobody), usage (HOTCELL_URL
 * without a key), and what opening the data directory throws
 */
export async function openService(context: CommandContext, need: Need): Promise<Service> {
  return findService(context.config) ?? (await ownService(context, need))
}

/** A service that goes on when this command has ended; null: there is none. @throws PlatformError usage */
export function findService(config: Config): Service | null {
  return config.url === null ? holderOf(config) : remoteService(config.url, config.key)
}

function remoteService(url: string, key: string | null): Service {
  if (key === null)
    throw new PlatformError(
      'usage',
      `Cannot use the service at "${url}": there is no key, expected one in HOTCELL_KEY`,
      {
        hint: 'An admin of the service makes one with `hotcell keys create --owner NAME`',
      },
    )
  const client = createServiceClient(createHttpClient(() => ({ url, key })))
  return { client, reportPath: () => null, [Symbol.asyncDispose]: async () => {} }
}

/** The service that holds the data directory now; null: nobody holds it, or somebody who serves nobody. */
function holderOf({ dataDir }: Config): Service | null {
  const first = readServiceFile(dataDir)
  // A crash leaves the file of another process behind
  if (first === null || first.pid !== readLockHolder(dataDir)?.pid || !isLocked(dataDir)) return null
  // Read again for each call: a service that was started again has another token.
  const endpoint = (): Endpoint => {
    const { url, token } = readServiceFile(dataDir) ?? first
    return { url, key: token }
  }
  return { ...localService(dataDir, endpoint), [Symbol.asyncDispose]: async () => {} }
}

function localService(dataDir: string, endpoint: () => Endpoint): Pick<Service, 'client' | 'reportPath'> {
  return {
    client: createServiceClient(createHttpClient(endpoint)),
    reportPath(id) {
      const path = join(runDirectory(dataDir, id), 'report.html')
      return existsSync(path) ? path : null
    },
  }
}

/** A service in this process. Its modules are loaded only here: most commands with a service do without them. */
async function ownService(context: CommandContext, need: Need): Promise<Service> {
  const { dataDir } = context.config
  const key = newToken()
  await using opened = new AsyncDisposableStack()
  const { app, started } = need === 'read' ? await openReading(context) : await openOwnApp(context, need)
  opened.use(app)
  const { startServer } = await import('../../server.ts')
  const server = await startServer(app, { host: '127.0.0.1', port: 0, token: key, logLevel: 'silent' })
  opened.defer(async () => await server.close())
  await started
  const owned = opened.move()
  return {
    ...localService(dataDir, () => ({ url: server.url, key })),
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  }
}

interface OwnApp {
  readonly app: ApiContext & AsyncDisposable
  /** Goes on while the server is made: it waits for the engine. */
  readonly started: Promise<void>
}

async function openReading({ config, io }: CommandContext): Promise<OwnApp> {
  const { openReader } = await import('./reader.ts')
  return { app: await openReader(config, (text) => io.err(text)), started: Promise.resolve() }
}

async function openOwnApp({ config, io }: CommandContext, need: Need): Promise<OwnApp> {
  const { openApp } = await import('../../app.ts')
  const log: ServiceLog = (level, text) => {
    if (level === 'warn' || level === 'error') io.err(text)
  }
  const app = await openApp(config, { log, oneShot: true })
  const started = need === 'run' ? app.start() : Promise.resolve()
  // Told when it is awaited
  started.catch(() => {})
  return { app, started }
}

/** Opens a service to whoever may read the memory or the data directory of its process, as long as that lives. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}
