import { type CellCgroup, type Counters, findCgroup } from './cgroup-counters.ts'
import type { EngineClient } from './docker-client.ts'
import { inspectContainer, readStats } from './engine-calls.ts'
import type { Remains } from './exit.ts'

/**
 * Samples a cell's CPU time and peak memory while it runs: the counters disappear with its cgroup, so the last sample
 * before the end is what remains. Nothing is sampled while a cell waits for its job, and CPU time counts from the job's
 * beginning. On the engine's own machine the kernel's files are read, four times a second and when
 * the cell begins to answer. Elsewhere the engine is asked, once a second; its counters are up to a second old.
 */
export interface UsageSamples {
  readonly cpuNanos: number | null
  readonly peakMemoryBytes: number | null
  /** Threads and processes that the kernel refused at the pids limit, as far as a sample saw it. */
  readonly pidsRefused: number
}

export interface UsageSampler {
  /** The job begins: samples are taken from now on, and what the cell used before does not count. */
  begin(): void
  read(): UsageSamples
  /** A sample out of turn: the cell has begun to answer and will soon be gone. */
  sampleNow(): void
  stop(): void
  /** What lives of the cell, by the kernel. */
  remains(): Remains['cgroup']
}

const LOCAL_PERIOD_MS = 250
const LOCAL_EARLY_MS = 50
const ENGINE_PERIOD_MS = 1000
const ENGINE_CALL_MS = 5000

export function startUsageSampler(
  engine: EngineClient,
  containerId: string,
  onSample: (usage: UsageSamples) => void,
): UsageSampler {
  let usage: UsageSamples = { cpuNanos: null, peakMemoryBytes: null, pidsRefused: 0 }
  let before = 0
  let last = 0
  let begun = false
  let found = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let local: CellCgroup | null = null
  let rounds = 0

  const take = (counters: Counters | null) => {
    if (counters === null || counters.cpuNanos <= 0) return
    last = Math.max(last, counters.cpuNanos)
    usage = {
      cpuNanos: last - before,
      peakMemoryBytes: Math.max(usage.peakMemoryBytes ?? 0, counters.memoryBytes),
      pidsRefused: Math.max(usage.pidsRefused, counters.pidsRefused),
    }
    if (!stopped) onSample(usage)
  }
  const sample = async () => {
    if (local === null) take(await askEngine(engine, containerId))
    else take(local.readCounters())
    rounds += 1
    if (stopped) return
    const period = local === null ? ENGINE_PERIOD_MS : rounds < 5 ? LOCAL_EARLY_MS : LOCAL_PERIOD_MS
    timer = setTimeout(() => void sample(), period)
  }
  const find = async () => {
    local = await findLocal(engine, containerId)
    found = true
    if (begun && !stopped) await sample()
  }
  void find()
  return {
    begin() {
      begun = true
      // Not found yet: the container has just been started, and has used nothing worth leaving out
      if (!found || stopped) return
      take(local?.readCounters() ?? null)
      before = last
      usage = { ...usage, cpuNanos: null }
      void sample()
    },
    read: () => usage,
    sampleNow: () => take(local?.readCounters() ?? null),
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
    remains: () => (local === null ? 'unknown' : nameOf(local.countTasks())),
  }
}

function nameOf(tasks: number | null): Remains['cgroup'] {
  if (tasks === null) return 'gone'
  return tasks === 0 ? 'empty' : 'busy'
}

async function findLocal(engine: EngineClient, containerId: string): Promise<CellCgroup | null> {
  if (engine.endpoint.socketPath === undefined || process.platform !== 'linux') return null
  try {
    const { State } = await inspectContainer(engine, containerId)
    return State.Pid > 0 ? findCgroup(State.Pid, containerId) : null
  } catch {
    return null
  }
}

/** A sample that the engine does not give is only missing; hangs of the engine are noticed where they matter. */
async function askEngine(engine: EngineClient, containerId: string): Promise<Counters | null> {
  try {
    const stats = await readStats(engine, containerId, ENGINE_CALL_MS)
    const memoryBytes = Math.max(stats.memory_stats?.usage ?? 0, stats.memory_stats?.max_usage ?? 0)
    return { cpuNanos: stats.cpu_stats?.cpu_usage?.total_usage ?? 0, memoryBytes, pidsRefused: 0 }
  } catch {
    return null
  }
}
