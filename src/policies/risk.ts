import type { AccountView, LimitHit } from './account-view.ts'
import type { ProposalAsk } from './proposal-ask.ts'

/** An order as admission has sized and priced it (P3 a to d). */
export interface RiskAsk {
  readonly proposal: ProposalAsk
  /** 1: opens long, −1: opens short. */
  readonly side: number
  readonly quantity: number
  /** Price that admission reckons with. */
  readonly price: number
  /** Stop loss on the tick, reckoned from `price` if it is a percentage; NaN: none. */
  readonly stop: number
  /** Notional and fee. */
  readonly exposure: number
}

/** Risk port (P3 e). Null: no objection; `no_stop`: it needs a stop loss and there is none. */
export interface RiskPolicy {
  check(ask: RiskAsk, view: AccountView): LimitHit | 'no_stop' | null
}

/** At most `percent` of E between the reckoned price and the stop loss; fees and slippage of the exit come on top. */
export function createMaxLossToStop({ percent }: { percent: number }): RiskPolicy {
  return {
    check(ask, view) {
      if (ask.stop !== ask.stop) return 'no_stop'
      const needed = ask.quantity * (ask.side * (ask.price - ask.stop))
      const available = (view.equity() * percent) / 100
      return needed > available ? { needed, available } : null
    },
  }
}

/** Exposure with this order at most `percent` of E. */
export function createExposureRisk({ percent }: { percent: number }): RiskPolicy {
  return {
    check(ask, view) {
      const needed = view.exposure() + ask.exposure
      const available = (view.equity() * percent) / 100
      return needed > available ? { needed, available } : null
    },
  }
}

/** Nothing more on a UTC day that has lost `percent` of the E with which it began. */
export function createDailyLoss({ percent }: { percent: number }): RiskPolicy {
  return {
    check(_ask, view) {
      const start = view.dayEquity()
      const needed = start - view.equity()
      const available = (start * percent) / 100
      return needed >= available ? { needed, available } : null
    },
  }
}
