import { accessSync, constants, statSync } from 'node:fs'
import { callEngine, type EngineClient } from './docker-client.ts'
import type { EngineFacts, HostCheck } from './host-check.ts'

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
}

interface VersionAnswer {
  readonly Version?: string
  readonly ApiVersion?: string
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[]
}

/** @throws engine_unavailable, engine_timeout */
export async function readEngineFacts(engine: EngineClient): Promise<EngineFacts> {
  const info = await callEngine<InfoAnswer>(engine, { action: 'ask the engine', method: 'GET', path: '/info' })
  const version = await callEngine<VersionAnswer>(engine, { action: 'ask the engine', method: 'GET', path: '/version' })
  const component = (name: string) => version.Components?.find((one) => one.Name === name)?.Version ?? null
  return {
    engineVersion: version.Version ?? 'unknown',
    apiVersion: version.ApiVersion ?? '0',
    runcVersion: component('runc'),
    containerdVersion: component('containerd'),
    kernel: info.KernelVersion ?? 'unknown',
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

/** Whoever can write the engine's socket is root on this machine. */
export function checkSocket({ endpoint }: EngineClient): HostCheck {
  const id = 'socket'
  if (endpoint.socketPath === undefined) {
    if (endpoint.tls !== undefined) return { id, status: 'ok', text: `Engine at ${endpoint.url}, with TLS`, hint: null }
    const text = `Engine at ${endpoint.url} without TLS: whoever reaches the port is root there`
    return { id, status: 'warn', text, hint: 'Use the local socket, or TLS with client certificates' }
  }
  try {
    const { mode, uid, gid } = statSync(endpoint.socketPath)
    accessSync(endpoint.socketPath, constants.R_OK | constants.W_OK)
    const text = `${endpoint.socketPath} (owner ${uid}:${gid}, mode ${(mode & 0o777).toString(8)}); who can write it is root`
    if ((mode & 0o002) === 0) return { id, status: 'ok', text, hint: null }
    return { id, status: 'warn', text: `${text}: open to every user`, hint: `chmod o-rw ${endpoint.socketPath}` }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const hint =
      code === 'EACCES' ? 'Run as a member of the group docker' : 'Start the Docker engine, or set DOCKER_HOST'
    return { id, status: 'fail', text: `Cannot use ${endpoint.socketPath}: ${code}`, hint }
  }
}
