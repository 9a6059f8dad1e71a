import type { AccountView, LimitHit } from './account-view.ts'

/** What capacity knows of a proposal: its size comes after it (P3 a, b). */
export interface CapacityAsk {
  readonly symbol: number
  /** The entry, its take profit and its stop loss. */
  readonly legs: number
}

/** Capacity port (P3 a): whether there is room for one more. Null: there is. */
export interface CapacityPolicy {
  check(ask: CapacityAsk, view: AccountView): LimitHit | null
}

/** At most `max` open lots and working entries together. */
export function createMaxPositions({ max }: { max: number }): CapacityPolicy {
  return {
    check(_ask, view) {
      const used = view.positions()
      return used >= max ? { needed: used + 1, available: max } : null
    },
  }
}

/** As maxPositions, of each symbol. */
export function createMaxPerSymbol({ max }: { max: number }): CapacityPolicy {
  return {
    check(ask, view) {
      const used = view.positionsOf(ask.symbol)
      return used >= max ? { needed: used + 1, available: max } : null
    },
  }
}

/** At most `max` legs: entries, open or working, and their brackets. */
export function createMaxLegs({ max }: { max: number }): CapacityPolicy {
  return {
    check(ask, view) {
      const needed = view.legs() + ask.legs
      return needed > max ? { needed, available: max } : null
    },
  }
}

/** Nothing more while exposure is at `percent` of E or above. */
export function createExposureCapacity({ percent }: { percent: number }): CapacityPolicy {
  return {
    check(_ask, view) {
      const needed = view.exposure()
      const available = (view.equity() * percent) / 100
      return needed >= available ? { needed, available } : null
    },
  }
}

export function createUnlimited(): CapacityPolicy {
  return { check: () => null }
}
