/**
 * How many cells shall wait. Little's law: as many jobs come while one cell is made as `rate x refill time`; one more
 * stands ready for the next. The rate is a mean of the recent past that forgets with `FORGET_MS`.
 */
const FORGET_MS = 15_000
/** A share of a cell below this is none: a rate that fades never reaches zero. */
const NEGLIGIBLE = 0.1

export interface ArrivalRate {
  /** A job asks for a cell. */
  note(nowMs: number): void
  perMs(nowMs: number): number
}

export function createArrivalRate(): ArrivalRate {
  let rate = 0
  let at = 0
  const perMs = (nowMs: number): number => rate * Math.exp(-Math.max(0, nowMs - at) / FORGET_MS)
  return {
    perMs,
    note(nowMs) {
      rate = perMs(nowMs) + 1 / FORGET_MS
      at = nowMs
    },
  }
}

export function wantedCells(ratePerMs: number, refillMs: number): number {
  return Math.ceil(Math.max(0, ratePerMs * refillMs - NEGLIGIBLE)) + 1
}
