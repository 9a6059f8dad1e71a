/** Upper bounds in ms; what is longer is only in `count` and `sum`. */
export const TIME_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] as const

export interface TimeHistogram {
  readonly count: number
  readonly sum: number
  /** How many took at most as long as the bound of the same index, and longer than the one before. */
  readonly buckets: readonly number[]
}

export const DROP_REASONS = ['dead', 'aged', 'surplus', 'closed'] as const
export type DropReason = (typeof DROP_REASONS)[number]

export interface CellPoolMetrics {
  /** Jobs that got a cell that was waiting, one that was just being made, one that was started for them. */
  readonly hits: number
  readonly joins: number
  readonly misses: number
  /** From the asking to the cell in hand. */
  readonly waitMs: TimeHistogram
  /** From the beginning of a refill to a cell that has attested. */
  readonly refillMs: TimeHistogram
  /** Cells that wait now, and how many shall. */
  readonly idle: number
  readonly wanted: number
  /** Cells that were made ahead, refills that failed, cells that were removed without a job. */
  readonly started: number
  readonly failed: number
  /** Cells that said, while they waited, that they could not get ready for a job: those are slower, and nothing else. */
  readonly unready: number
  readonly dropped: Readonly<Record<DropReason, number>>
  readonly bounds: { readonly min: number; readonly max: number }
  /** A policy and image that jobs ask for. */
  readonly shelves: readonly {
    readonly policy: string
    readonly image: string
    readonly idle: number
    readonly wanted: number
  }[]
  /** Refills pause because the engine fails or is slow. */
  readonly paused: boolean
}

export interface TimeRecorder {
  add(ms: number): void
  read(): TimeHistogram
}

export function createTimeRecorder(): TimeRecorder {
  const buckets: number[] = TIME_BOUNDS_MS.map(() => 0)
  let count = 0
  let sum = 0
  return {
    add(ms) {
      count += 1
      sum += ms
      const index = TIME_BOUNDS_MS.findIndex((bound) => ms <= bound)
      if (index >= 0) buckets[index]! += 1
    },
    read: () => ({ count, sum, buckets: [...buckets] }),
  }
}
