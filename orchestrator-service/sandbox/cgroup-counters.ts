import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Counters {
  readonly cpuNanos: number
  /** The kernel's own high-water mark where it keeps one, else the current use. */
  readonly memoryBytes: number
  /** How often the kernel refused a process or thread at the pids limit. */
  readonly pidsRefused: number
}

/** Reads a container's counters now; null: its cgroup is gone. */
export type ReadCounters = () => Counters | null

const CGROUP = '/sys/fs/cgroup'

/**
 * The kernel's counters of a container on this machine, without asking the engine (whose own are a second old). null when
 * the process is not of this machine (remote engine, engine in a virtual machine): its cgroup must carry the id.
 */
export function findCgroupCounters(pid: number, containerId: string): ReadCounters | null {
  const text = read(`/proc/${pid}/cgroup`)
  if (text === null || !text.includes(containerId)) return null
  const paths = new Map<string, string>()
  for (const line of text.trim().split('\n')) {
    const [, controllers = '', path = ''] = line.split(':')
    if (controllers === '') paths.set('unified', path)
    for (const controller of controllers.split(','))
      if (controller !== '') paths.set(controller, `/${controllers}${path}`)
  }
  const reader = paths.has('memory') ? readV1(paths) : readV2(paths.get('unified') ?? '')
  return reader() === null ? null : reader
}

function readV1(paths: ReadonlyMap<string, string>): ReadCounters {
  const cpu = join(CGROUP, paths.get('cpuacct') ?? '', 'cpuacct.usage')
  const memory = join(CGROUP, paths.get('memory') ?? '', 'memory.max_usage_in_bytes')
  const pids = join(CGROUP, paths.get('pids') ?? '', 'pids.events')
  return () => counters(read(cpu), read(memory), read(pids))
}

function readV2(path: string): ReadCounters {
  const directory = join(CGROUP, path)
  return () => {
    const micros = /^usage_usec (\d+)$/m.exec(read(join(directory, 'cpu.stat')) ?? '')?.[1]
    const memory = read(join(directory, 'memory.peak')) ?? read(join(directory, 'memory.current'))
    return counters(micros === undefined ? null : `${micros}000`, memory, read(join(directory, 'pids.events')))
  }
}

function counters(cpu: string | null, memory: string | null, pids: string | null): Counters | null {
  const cpuNanos = Number(cpu ?? 'none')
  const memoryBytes = Number(memory ?? 'none')
  const pidsRefused = Number(/^max (\d+)$/m.exec(pids ?? '')?.[1] ?? 0)
  return Number.isFinite(cpuNanos) && Number.isFinite(memoryBytes) ? { cpuNanos, memoryBytes, pidsRefused } : null
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
