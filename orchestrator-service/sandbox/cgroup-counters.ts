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
type ReadCounters = () => Counters | null

/** The cgroup of a container on this machine. */
export interface CellCgroup {
  readonly readCounters: ReadCounters
  /** Threads in it, of whatever process; null: it does not exist any more. */
  countTasks(): number | null
}

const CGROUP = '/sys/fs/cgroup'

/**
 * The kernel's own word on a container of this machine, without asking the engine (whose counters are a second old). null when
 * the process is not of this machine (remote engine, engine in a virtual machine): its cgroup must carry the id.
 */
export function findCgroup(pid: number, containerId: string): CellCgroup | null {
  const paths = cgroupPaths(read(`/proc/${pid}/cgroup`) ?? '', containerId)
  if (paths.size === 0) return null
  const readCounters = paths.has('memory') && paths.has('cpuacct') ? readV1(paths) : readV2(paths.get('unified') ?? '')
  if (readCounters() === null) return null
  const folders = [...new Set(paths.values())].map((path) => join(CGROUP, path))
  return { readCounters, countTasks: () => countTasks(folders) }
}

/**
 * Text of a process's /proc file -> folder of each controller below the mount, `unified` for version 2. Only those of the
 * container: a process that is ending has left its groups of version 1, where the root's counters are those of the whole
 * machine, while its other threads and its group of version 2 are still there.
 */
export function cgroupPaths(text: string, containerId: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>()
  for (const line of text.trim().split('\n')) {
    const [, controllers = '', path = ''] = line.split(':')
    if (!path.includes(containerId)) continue
    if (controllers === '') paths.set('unified', path)
    else for (const one of controllers.split(',')) paths.set(one, `/${controllers.replace('name=', '')}${path}`)
  }
  return paths
}

/** The first process may have ended before its threads, so that the list of processes alone does not say enough. */
function countTasks(folders: readonly string[]): number | null {
  let most: number | null = null
  for (const folder of folders)
    for (const list of ['cgroup.procs', 'cgroup.threads', 'tasks']) {
      const text = read(join(folder, list))
      if (text !== null) most = Math.max(most ?? 0, text.split('\n').length - 1)
    }
  return most
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
