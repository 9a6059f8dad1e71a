import type { EngineClient } from './docker-client.ts'
import { readStats } from './engine-calls.ts'

/**
 * Reads a cell's counters from the engine: soon after the start (short cells), then about each second. The engine drops
 * the counters with the cgroup, so the last sample before the end is what remains; peaks between samples are only seen
 * where the kernel keeps them (max_usage, cgroup v1).
 */
export interface UsageSamples {
  readonly cpuNanos: number | null
  readonly peakMemoryBytes: number | null
  readonly samples: number
}

const EARLY_MS = [60, 200, 500]
const PERIOD_MS = 1000
const CALL_MS = 5000

export function startUsageSampler(
  engine: EngineClient,
  containerId: string,
  onSample: (usage: UsageSamples) => void,
): { read: () => UsageSamples; stop: () => void } {
  let usage: UsageSamples = { cpuNanos: null, peakMemoryBytes: null, samples: 0 }
  let stopped = false
  let timer: NodeJS.Timeout

  const sample = async (round: number) => {
    try {
      const stats = await readStats(engine, containerId, CALL_MS)
      const cpu = stats.cpu_stats?.cpu_usage?.total_usage ?? 0
      const memory = Math.max(stats.memory_stats?.usage ?? 0, stats.memory_stats?.max_usage ?? 0)
      if (cpu > 0 && !stopped) {
        usage = {
          cpuNanos: Math.max(usage.cpuNanos ?? 0, cpu),
          peakMemoryBytes: Math.max(usage.peakMemoryBytes ?? 0, memory),
          samples: usage.samples + 1,
        }
        onSample(usage)
      }
    } catch {
      // A sample that the engine did not give is only missing; hangs of the engine are noticed where they matter.
    }
    if (!stopped) plan(round + 1)
  }
  const plan = (round: number) => {
    const after = round < EARLY_MS.length ? (EARLY_MS[round] ?? 0) - (EARLY_MS[round - 1] ?? 0) : PERIOD_MS
    timer = setTimeout(() => void sample(round), after)
  }
  plan(0)
  return {
    read: () => usage,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
