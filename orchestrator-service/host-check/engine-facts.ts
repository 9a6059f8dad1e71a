import { execFile } from 'node:child_process'
import { isAbsolute } from 'node:path'
import { promisify } from 'node:util'
import { callEngine, type EngineClient } from '../sandbox/docker-client.ts'

/** What the engine says about itself (GET /info, /version), in the parts that are judged. */
export interface EngineFacts {
  readonly apiVersion: string
  readonly versions: {
    readonly docker: string
    readonly containerd: string | null
    readonly runc: string | null
    /** Null: there is none, or it is not on this machine. */
    readonly runsc: string | null
    readonly kernel: string
  }
  readonly operatingSystem: string
  readonly architecture: string
  readonly cgroupVersion: string
  readonly securityOptions: readonly string[]
  readonly memoryBytes: number
  readonly cores: number
  readonly memoryLimit: boolean
  readonly swapLimit: boolean
  readonly pidsLimit: boolean
  readonly cpuQuota: boolean
  readonly logDrivers: readonly string[]
  readonly storageDriver: string
  readonly runtimes: readonly string[]
  /** How far its clock is ahead of ours; null: it does not say. */
  readonly clockAheadMs: number | null
  /** Where it keeps containers; null: not on this machine. */
  readonly rootDir: string | null
}

interface InfoAnswer {
  readonly CgroupVersion?: string
  readonly SecurityOptions?: readonly string[] | null
  readonly MemTotal?: number
  readonly NCPU?: number
  readonly MemoryLimit?: boolean
  readonly SwapLimit?: boolean
  readonly PidsLimit?: boolean
  readonly CpuCfsQuota?: boolean
  readonly Plugins?: { readonly Log?: readonly string[] | null }
  readonly OperatingSystem?: string
  readonly KernelVersion?: string
  readonly Architecture?: string
  readonly Driver?: string
  readonly Runtimes?: Readonly<Record<string, { readonly path?: string }>> | null
  readonly SystemTime?: string
  readonly DockerRootDir?: string
}

interface VersionAnswer {
  readonly Version?: string
  readonly ApiVersion?: string
  readonly Components?: readonly {
    readonly Name: string
    readonly Version: string
    readonly Details?: Readonly<Record<string, string>> | null
  }[]
}

const ASK_RUNSC_MS = 5000

/** @throws engine_unavailable, engine_timeout */
export async function readEngineFacts(engine: EngineClient): Promise<EngineFacts> {
  const ask = async <T>(path: string): Promise<T> =>
    await callEngine<T>(engine, { action: 'ask the engine', method: 'GET', path })
  const info = await ask<InfoAnswer>('/info')
  const now = Date.now()
  const version = await ask<VersionAnswer>('/version')
  const isHere = engine.endpoint.socketPath !== undefined
  const systemTime = Date.parse(info.SystemTime ?? '')
  return {
    apiVersion: version.ApiVersion ?? '0',
    versions: {
      docker: version.Version ?? 'unknown',
      containerd: componentOf(version, 'containerd'),
      runc: componentOf(version, 'runc'),
      runsc: isHere ? await readRunscVersion(info.Runtimes?.['runsc']?.path) : null,
      kernel: info.KernelVersion ?? 'unknown',
    },
    operatingSystem: info.OperatingSystem ?? 'unknown',
    architecture: info.Architecture ?? 'unknown',
    cgroupVersion: info.CgroupVersion ?? '1',
    securityOptions: info.SecurityOptions ?? [],
    memoryBytes: info.MemTotal ?? 0,
    cores: info.NCPU ?? 0,
    memoryLimit: info.MemoryLimit ?? false,
    swapLimit: info.SwapLimit ?? false,
    pidsLimit: info.PidsLimit ?? false,
    cpuQuota: info.CpuCfsQuota ?? false,
    logDrivers: info.Plugins?.Log ?? [],
    storageDriver: info.Driver ?? 'unknown',
    runtimes: Object.keys(info.Runtimes ?? {}).sort(),
    clockAheadMs: Number.isFinite(systemTime) ? systemTime - now : null,
    rootDir: isHere ? (info.DockerRootDir ?? null) : null,
  }
}

/** Where a distribution built it, the commit is the whole version: `1.1.5+ds1-1+deb12u1` beside `1.1.5+ds1`. */
function componentOf({ Components }: VersionAnswer, name: string): string | null {
  const found = Components?.find((one) => one.Name === name)
  if (found === undefined) return null
  const commit = found.Details?.['GitCommit'] ?? ''
  return commit.startsWith(found.Version) ? commit : found.Version
}

/** Who the engine starts as root may be asked for its version. */
async function readRunscVersion(path: string | undefined): Promise<string | null> {
  if (path === undefined) return null
  const program = isAbsolute(path) ? path : 'runsc'
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: ASK_RUNSC_MS, maxBuffer: 65_536 })
    return /version[: ]+(\S+)/.exec(stdout)?.[1] ?? null
  } catch {
    return null
  }
}

/** References of the runner image that the engine holds. */
export async function listRunnerImages(engine: EngineClient): Promise<string[]> {
  const images = await callEngine<{ RepoTags?: readonly string[] | null }[]>(engine, {
    action: 'list images',
    method: 'GET',
    path: '/images/json',
    query: { filters: JSON.stringify({ reference: ['hotcell-runner'] }) },
  })
  return images.flatMap((image) => image.RepoTags ?? [])
}
