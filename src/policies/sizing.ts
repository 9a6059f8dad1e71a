import { kellyShare } from './kelly.ts'
import { firstStop } from './stop-level.ts'

/** What sizing may see of a proposal (P2): the decision and its bar, nothing later. Absent numbers are NaN. */
export interface SizingAsk {
  /** E of the decision instant, quote currency. */
  readonly equity: number
  /** Close of the decision bar, and its row in the series. */
  readonly close: number
  readonly row: number
  readonly symbol: number
  /** 1: opens long, −1: opens short. */
  readonly side: number
  readonly entryPrice: number
  readonly slPrice: number
  readonly slPct: number
  readonly trailDistance: number
  readonly trailPct: number
  readonly confidence: number
}

/** What happened before. */
export interface SizingHistory {
  /** Closes of a symbol's loaded bars; rows after the decision bar are not to be read. */
  closes(symbol: number): Float64Array
  /** Net profit over entry notional of the trades closed so far, in order of closing: the last `window` of them. */
  readonly returns: readonly number[]
}

/** Why there is no size; names of refusals. */
export type Unsized = 'no_stop' | 'no_volatility' | 'no_edge'

/** Sizing port: the target quantity in base currency, before rounding (F10). */
export interface SizingModel {
  /** Closed trades that it looks back on. */
  readonly window: number
  size(ask: SizingAsk, history: SizingHistory): number | Unsized
}

export function createPercentOfEquity({ percent }: { percent: number }): SizingModel {
  return { window: 0, size: (ask) => (ask.equity * percent) / 100 / ask.close }
}

export function createFixedNotional({ notional }: { notional: number }): SizingModel {
  return { window: 0, size: (ask) => notional / ask.close }
}

export function createFixedQuantity({ quantity }: { quantity: number }): SizingModel {
  return { window: 0, size: () => quantity }
}

/** The quantity that loses `percent` of E between the reference price and the stop loss. */
export function createRiskPerTrade({ percent }: { percent: number }): SizingModel {
  return {
    window: 0,
    size(ask) {
      const { side, equity, close, entryPrice } = ask
      const reference = entryPrice === entryPrice ? entryPrice : close
      const distance = side * (reference - firstStop(ask, reference))
      return distance > 0 ? (equity * percent) / 100 / distance : 'no_stop'
    },
  }
}

/** Standard deviation below which a series does not move. */
const STILL = 1e-12

/** sd (ddof 1, two passes) of the last `period` close-to-close returns up to `row`; NaN: too few bars. */
function returnDeviation(closes: Float64Array, row: number, period: number): number {
  if (row < period) return Number.NaN
  let sum = 0
  for (let i = row - period + 1; i <= row; i++) sum += closes[i]! / closes[i - 1]! - 1
  const mean = sum / period
  let squares = 0
  for (let i = row - period + 1; i <= row; i++) {
    const off = closes[i]! / closes[i - 1]! - 1 - mean
    squares += off * off
  }
  return Math.sqrt(squares / (period - 1))
}

/** The notional whose standard deviation of one bar is `percent` of E. */
export function createVolatilityTarget({ percent, period }: { percent: number; period: number }): SizingModel {
  return {
    window: 0,
    size(ask, history) {
      const deviation = returnDeviation(history.closes(ask.symbol), ask.row, period)
      return deviation > STILL ? (ask.equity * percent) / 100 / deviation / ask.close : 'no_volatility'
    },
  }
}

/** `fraction` of the Kelly share of E; `startPercent` of E until `window` trades have closed. */
export function createKelly(options: { fraction: number; window: number; startPercent: number }): SizingModel {
  const { fraction, window, startPercent } = options
  return {
    window,
    size({ equity, close }, { returns }) {
      if (returns.length < window) return (equity * startPercent) / 100 / close
      const share = kellyShare(returns)
      return share > 0 ? (equity * (fraction * share)) / close : 'no_edge'
    },
  }
}

/** `percent` of E at confidence 1, less in proportion. */
export function createStrength({ percent }: { percent: number }): SizingModel {
  return {
    window: 0,
    size({ equity, close, confidence }) {
      const strength = confidence === confidence ? confidence : 1
      return (equity * (percent * strength)) / 100 / close
    },
  }
}
