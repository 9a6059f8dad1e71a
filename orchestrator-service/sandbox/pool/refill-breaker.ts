/** Pauses the refills while the engine fails or is slow: each time twice as long, until one goes well. */
export interface RefillBreaker {
  isPaused(nowMs: number): boolean
  /** A refill has ended: how long the engine took for it, null when it failed. */
  note(nowMs: number, engineMs: number | null): void
}

const SLOW_MS = 2000
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

export function createRefillBreaker(): RefillBreaker {
  let pauseMs = 0
  let until = 0
  return {
    isPaused: (nowMs) => nowMs < until,
    note(nowMs, engineMs) {
      const good = engineMs !== null && engineMs <= SLOW_MS
      pauseMs = good ? 0 : Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * pauseMs))
      until = nowMs + pauseMs
    },
  }
}
