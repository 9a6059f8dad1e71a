import type { FeeTier } from './fee-tiers.ts'

/** What a fill costs (C1). The order of fields follows the public port. */
export interface CostEvent {
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly kind: 'entry' | 'exit'
  /** Base quantity. */
  readonly quantity: number
  /** Price after slippage, quote currency. */
  readonly price: number
  /** quantity · price. */
  readonly notional: number
  readonly liquidity: 'maker' | 'taker'
  /** Σ notional of all fills of the run before this one. */
  readonly traded: number
}

/** With `perUnit` above 0: fee = max(minimum, quantity · perUnit); else fee = notional · rate. */
export interface FeeTerms {
  readonly rate: number
  readonly perUnit: number
  readonly minimum: number
}

/** `either`: not known yet; the dearer of both. */
export type ReckonedLiquidity = 'maker' | 'taker' | 'either'

/** An entry whose fee is reckoned. */
export interface ReckonedOrder {
  readonly symbol: number
  /** 1 buys, −1 sells. */
  readonly side: number
  readonly quantity: number
  readonly price: number
  /** Whether it may fill where its reserve is all there is: inside a bar (F6). */
  readonly mayRest: boolean
}

/** Fee port. `terms` is what admission reckons with; `cost` is what a fill pays, never more than by those terms. */
export interface EventCostModel {
  /** Fee in quote currency; negative: a rebate. */
  cost(event: CostEvent): number
  /** Terms of a fill after `traded`. They never get dearer as `traded` grows: a reserve covers a later fill too. */
  terms(liquidity: ReckonedLiquidity, traded: number, order: ReckonedOrder): FeeTerms
  /** Whether a fill may cost more than by its terms: then its cost is looked at before it is booked. */
  readonly mayExceed?: true
}

/** Fee of a fill under given terms. */
export function feeOn(terms: FeeTerms, quantity: number, notional: number): number {
  if (terms.perUnit > 0) return Math.max(terms.minimum, quantity * terms.perUnit)
  // A notional may overflow before it is refused, and then times 0 would be no number.
  return terms.rate === 0 ? 0 : notional * terms.rate
}

type TermsOf = Readonly<Record<ReckonedLiquidity, FeeTerms>>

function rateTerms(maker: number, taker: number): TermsOf {
  const of = (rate: number): FeeTerms => ({ rate, perUnit: 0, minimum: 0 })
  return { maker: of(maker), taker: of(taker), either: of(Math.max(maker, taker)) }
}

/** fee = notional · rate of the liquidity. */
export function createPercentFee({ maker, taker }: { maker: number; taker: number }): EventCostModel {
  const terms = rateTerms(maker, taker)
  return {
    cost: (event) => event.notional * (event.liquidity === 'maker' ? maker : taker),
    terms: (liquidity) => terms[liquidity],
  }
}

/** fee = the larger of `minimum` and quantity · amount; of a sale at most its notional, so that no sale costs cash. */
export function createPerUnitFee({ amount, minimum }: { amount: number; minimum: number }): EventCostModel {
  const terms: FeeTerms = { rate: 0, perUnit: amount, minimum }
  return {
    cost(event) {
      const fee = feeOn(terms, event.quantity, event.notional)
      return event.side === 'sell' ? Math.min(fee, event.notional) : fee
    },
    terms: () => terms,
  }
}

/** fee = notional · rate of the last tier that begins at or below what was traded before the fill. */
export function createTieredFee(tiers: readonly FeeTier[]): EventCostModel {
  const terms = tiers.map(({ maker, taker }) => rateTerms(maker, taker))
  const at = (traded: number): TermsOf => {
    let tier = tiers.length - 1
    while (tier > 0 && tiers[tier]!.from > traded) tier -= 1
    return terms[tier]!
  }
  return {
    cost: (event) => event.notional * at(event.traded)[event.liquidity].rate,
    terms: (liquidity, traded) => at(traded)[liquidity],
  }
}
