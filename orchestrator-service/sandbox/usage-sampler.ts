import { type Counters, findCgroupCounters, type ReadCounters } from './cgroup-counters.ts'
import type { EngineClient } from './docker-client.ts'
import { inspectContainer, readStats } from './engine-calls.ts'

/**
 * Samples a cell's CPU time and peak memory while it runs: the counters disappear with its cgroup, so the last sample
 * before the end is what remains. On the engine's own machine the kernel's files are read, four times a second and when
 * the cell begins to answer. Elsewhere the engine is asked, once a second; its counters are up to a second old.
 */
export interface UsageSamples {
  readonly cpuNanos: number | null
  readonly peakMemoryBytes: number | null
  /** Threads and processes that the kernel refused at the pids limit, as far as a sample saw it. */
  readonly pidsRefused: number
}

export interface UsageSampler {
  read(): UsageSamples
  /** A sample out of turn: the cell has begun to answer and will soon be gone. */
  sampleNow(): void
  stop(): void
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
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let local: ReadCounters | null = null
  let rounds = 0

  const take = (counters: Counters | null) => {
    if (counters === null || counters.cpuNanos <= 0) return
    usage = {
      cpuNanos: Math.max(usage.cpuNanos ?? 0, counters.cpuNanos),
      peakMemoryBytes: Math.max(usage.peakMemoryBytes ?? 0, counters.memoryBytes),
      pidsRefused: Math.max(usage.pidsRefused, counters.pidsRefused),
    }
    if (!stopped) onSample(usage)
  }
  const sample = async () => {
    if (local === null) take(await askEngine(engine, containerId))
    else take(local())
    rounds += 1
    if (stopped) return
    const period = local === null ? ENGINE_PERIOD_MS : rounds < 5 ? LOCAL_EARLY_MS : LOCAL_PERIOD_MS
    timer = setTimeout(() => void sample(), period)
  }
  const begin = async () => {
    local = await findLocal(engine, containerId)
    await sample()
  }
  void begin()
  return {
    read: () => usage,
    sampleNow: () => take(local?.() ?? null),
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

async function findLocal(engine: EngineClient, containerId: string): Promise<ReadCounters | null> {
  if (engine.endpoint.socketPath === undefined || process.platform !== 'linux') return null
  try {
    const { State } = await inspectContainer(engine, containerId)
    return State.Pid > 0 ? findCgroupCounters(State.Pid, containerId) : null
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
