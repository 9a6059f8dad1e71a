import {
  type CellPoolMetrics,
  DROP_REASONS,
  type DropReason,
  TIME_BOUNDS_MS,
  type TimeHistogram,
} from '../sandbox/pool/pool-metrics.ts'

export interface TimeSummary {
  readonly count: number
  /** Null: there are none. */
  readonly meanMs: number | null
  /** Upper bound of the bucket in which it lies; null: there are none, or it lies beyond the last bound. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** Those up to a bound and over the one before; null: over all bounds. */
  readonly buckets: readonly { readonly upToMs: number | null; readonly count: number }[]
}

/** The cells that wait for jobs, as administrators see them. */
export interface PoolStatus {
  readonly bounds: { readonly min: number; readonly max: number }
  readonly idle: number
  readonly wanted: number
  readonly paused: boolean
  /** Jobs that got a cell that waited, one that was just being made, one that was started for them. */
  readonly jobs: {
    readonly hits: number
    readonly joins: number
    readonly misses: number
    readonly hitRate: number | null
  }
  readonly wait: TimeSummary
  readonly refill: TimeSummary
  readonly cells: {
    readonly started: number
    readonly failed: number
    readonly unready: number
    readonly dropped: Readonly<Record<DropReason, number>>
  }
  readonly shelves: readonly {
    readonly policy: string
    readonly image: string
    readonly idle: number
    readonly wanted: number
  }[]
}

export function describePool(metrics: CellPoolMetrics): PoolStatus {
  const { hits, joins, misses, started, failed, unready, dropped } = metrics
  const asked = hits + joins + misses
  return {
    bounds: { ...metrics.bounds },
    idle: metrics.idle,
    wanted: metrics.wanted,
    paused: metrics.paused,
    jobs: { hits, joins, misses, hitRate: asked === 0 ? null : hits / asked },
    wait: summarise(metrics.waitMs),
    refill: summarise(metrics.refillMs),
    cells: { started, failed, unready, dropped: { ...dropped } },
    shelves: metrics.shelves.map((shelf) => ({ ...shelf })),
  }
}

function summarise({ count, sum, buckets }: TimeHistogram): TimeSummary {
  const within = buckets.reduce((all, one) => all + one, 0)
  const boundOf = (share: number): number | null => {
    let left = Math.ceil(share * count)
    if (left === 0) return null
    return TIME_BOUNDS_MS.find((_, i) => (left -= buckets[i]!) <= 0) ?? null
  }
  return {
    count,
    meanMs: count === 0 ? null : sum / count,
    p50Ms: boundOf(0.5),
    p99Ms: boundOf(0.99),
    buckets: [
      ...TIME_BOUNDS_MS.map((upToMs, i) => ({ upToMs, count: buckets[i]! })),
      { upToMs: null, count: count - within },
    ],
  }
}

/** One line for people. */
export function renderPool({ bounds, idle, wanted, paused, jobs, wait, refill, cells }: PoolStatus): string {
  if (bounds.max === 0) return 'No cell waits for jobs (HOTCELL_WARM_CELLS is 0)'
  const asked = jobs.hits + jobs.joins + jobs.misses
  const ms = (value: number | null): string => (value === null ? '-' : `${value.toFixed(value < 10 ? 1 : 0)} ms`)
  const removed = DROP_REASONS.map((reason) => `${cells.dropped[reason]} ${reason}`).join(', ')
  return [
    `${idle} of ${wanted} wanted cells wait (${bounds.min} to ${bounds.max})${paused ? ', refills pause: the engine fails or is slow' : ''}`,
    `${jobs.hits} of ${asked} jobs found one${jobs.hitRate === null ? '' : ` (${(100 * jobs.hitRate).toFixed(0)} %)`}, ${jobs.joins} one in the making`,
    `${ms(wait.meanMs)} to get one, ${ms(refill.meanMs)} to make one (means)`,
    `${cells.started} made ahead, ${cells.failed} failed, ${cells.unready} not ready; removed: ${removed}`,
  ].join('; ')
}
