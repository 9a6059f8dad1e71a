import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlatformError } from '../../src/errors.ts'

/** Where the engine listens and where we know it from. */
export interface EngineEndpoint {
  readonly source: 'DOCKER_HOST' | 'context' | 'default'
  readonly url: string
  readonly socketPath?: string
  readonly host?: string
  readonly port?: number
  readonly tls?: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer }
}

export interface EndpointOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/** DOCKER_HOST, else the current context of the docker CLI, else the default socket (the user's own one first). */
export function findEngineEndpoint({ env, home }: EndpointOptions): EngineEndpoint {
  const host = env['DOCKER_HOST']
  if (host !== undefined && host !== '') {
    const certs = env['DOCKER_CERT_PATH'] ?? (env['DOCKER_TLS_VERIFY'] === '1' ? join(home, '.docker') : undefined)
    return parseEndpoint(host, 'DOCKER_HOST', certs)
  }
  const dockerDir = env['DOCKER_CONFIG'] ?? join(home, '.docker')
  const context = env['DOCKER_CONTEXT'] ?? currentContext(dockerDir)
  if (context !== undefined && context !== '' && context !== 'default') return contextEndpoint(dockerDir, context)
  const own = join(home, '.docker', 'run', 'docker.sock')
  return parseEndpoint(`unix://${existsSync(own) ? own : '/var/run/docker.sock'}`, 'default', undefined)
}

function currentContext(dockerDir: string): string | undefined {
  const file = join(dockerDir, 'config.json')
  if (!existsSync(file)) return undefined
  const config = readJson(file) as { currentContext?: unknown }
  return typeof config.currentContext === 'string' ? config.currentContext : undefined
}

function contextEndpoint(dockerDir: string, name: string): EngineEndpoint {
  const id = createHash('sha256').update(name).digest('hex')
  const file = join(dockerDir, 'contexts', 'meta', id, 'meta.json')
  if (!existsSync(file)) {
    throw new PlatformError(
      'engine_unavailable',
      `Cannot find docker context "${name}": no "${file}", expected its metadata`,
    )
  }
  const meta = readJson(file) as { Endpoints?: { docker?: { Host?: unknown } } }
  const host = meta.Endpoints?.docker?.Host
  if (typeof host !== 'string') {
    throw new PlatformError('engine_unavailable', `Cannot use docker context "${name}": it names no docker host`)
  }
  return parseEndpoint(host, 'context', join(dockerDir, 'contexts', 'tls', id, 'docker'))
}

function parseEndpoint(url: string, source: EngineEndpoint['source'], certs: string | undefined): EngineEndpoint {
  if (url.startsWith('unix://')) return { source, url, socketPath: url.slice(7) || '/var/run/docker.sock' }
  if (url.startsWith('npipe://')) return { source, url, socketPath: url.slice(8) || '//./pipe/docker_engine' }
  const match = /^(?:tcp|http|https):\/\/(\[[0-9a-fA-F:]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(url)
  if (match === null) {
    throw new PlatformError(
      'engine_unavailable',
      `Cannot use docker host "${url}": expected unix://PATH or tcp://HOST:PORT`,
    )
  }
  const tls = readCertificates(certs)
  const port = match[2] === undefined ? (tls === undefined ? 2375 : 2376) : Number(match[2])
  return { source, url, host: match[1] as string, port, ...(tls === undefined ? {} : { tls }) }
}

function readCertificates(dir: string | undefined): EngineEndpoint['tls'] {
  if (dir === undefined || !existsSync(join(dir, 'cert.pem'))) return undefined
  const read = (name: string) => readFileSync(join(dir, name))
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
}

function readJson(file: string): object {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as unknown
    if (value !== null && typeof value === 'object') return value
  } catch (cause) {
    throw new PlatformError(
      'engine_unavailable',
      `Cannot read docker settings "${file}": ${(cause as Error).message}`,
      { cause },
    )
  }
  throw new PlatformError('engine_unavailable', `Cannot read docker settings "${file}": not a JSON object`)
}
