import { describe, expect, it } from 'vitest'
import { describePool, renderPool } from '../../../orchestrator-service/admin/pool-status.ts'
import { type CellPoolMetrics, createTimeRecorder } from '../../../orchestrator-service/sandbox/pool/pool-metrics.ts'

function metricsWith(changes: Partial<CellPoolMetrics>): CellPoolMetrics {
  const none = createTimeRecorder().read()
  return {
    hits: 0,
    joins: 0,
    misses: 0,
    waitMs: none,
    refillMs: none,
    idle: 0,
    wanted: 1,
    bounds: { min: 1, max: 4 },
    shelves: [],
    started: 0,
    failed: 0,
    unready: 0,
    dropped: { dead: 0, aged: 0, surplus: 0, closed: 0 },
    paused: false,
    ...changes,
  }
}

describe('the status of the pool', () => {
  it('has no rate and no times before the first job', () => {
    const { jobs, wait } = describePool(metricsWith({}))

    expect(jobs.hitRate).toBeNull()
    expect(wait).toMatchObject({ count: 0, meanMs: null, p50Ms: null, p99Ms: null })
  })

  it('says the share of hits, and in which bucket half and 99 of 100 lie', () => {
    const waits = createTimeRecorder()
    for (let i = 0; i < 98; i += 1) waits.add(0.5)
    waits.add(150)
    waits.add(20_000)

    const { jobs, wait } = describePool(metricsWith({ hits: 98, joins: 1, misses: 1, waitMs: waits.read() }))

    expect(jobs.hitRate).toBe(0.98)
    expect(wait).toMatchObject({ count: 100, p50Ms: 1, p99Ms: 200 })
    expect(wait.meanMs).toBeCloseTo(201.99, 5)
    expect(wait.buckets.at(-1)).toEqual({ upToMs: null, count: 1 })
    expect(wait.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(100)
  })

  it('is told in one line, with a pause of the refills', () => {
    const text = renderPool(describePool(metricsWith({ hits: 3, misses: 1, paused: true, unready: 2 })))

    expect(text).toContain('3 of 4 jobs found one (75 %)')
    expect(text).toContain('refills pause')
    expect(text).toContain('2 not ready')
    expect(renderPool(describePool(metricsWith({ bounds: { min: 0, max: 0 } })))).toContain('HOTCELL_WARM_CELLS is 0')
  })
})
