import type { AccountView, LimitHit } from './account-view.ts'
import type { ProposalAsk } from './proposal-ask.ts'

/** Whether a leg goes into the lot, or takes the place, that another one of its proposal has (P6). */
export function joins({ group }: ProposalAsk): boolean {
  return group !== null && (group.lot !== null || group.orders.length > 0)
}

function isSet(a: number, b: number): number {
  return a === a || b === b ? 1 : 0
}

/** Entry, take profit and stop (loss, trailing or both) of a proposal, as far as it has them. */
export function legsOf(ask: ProposalAsk): number {
  const stops = isSet(ask.slPrice, ask.slPct) || isSet(ask.trailDistance, ask.trailPct)
  return 1 + isSet(ask.tpPrice, ask.tpPct) + stops
}

/** Capacity port (P3 a): whether there is room for one more; its size comes after this (P3 b). Null: there is. */
export interface CapacityPolicy {
  check(ask: ProposalAsk, view: AccountView): LimitHit | null
}

/** At most `max` open lots and working entries together. */
export function createMaxPositions({ max }: { max: number }): CapacityPolicy {
  return {
    check(ask, view) {
      if (joins(ask)) return null
      const used = view.positions()
      return used >= max ? { needed: used + 1, available: max } : null
    },
  }
}

/** As maxPositions, of each symbol. */
export function createMaxPerSymbol({ max }: { max: number }): CapacityPolicy {
  return {
    check(ask, view) {
      if (joins(ask)) return null
      const used = view.positionsOf(ask.symbol)
      return used >= max ? { needed: used + 1, available: max } : null
    },
  }
}

/** At most `max` legs: entries, open or working, and their brackets. */
export function createMaxLegs({ max }: { max: number }): CapacityPolicy {
  return {
    check(ask, view) {
      const needed = view.legs() + (joins(ask) ? 1 : legsOf(ask))
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
