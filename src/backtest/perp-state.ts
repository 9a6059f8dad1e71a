import type { Ledger } from '../ledger/ledger.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { FundingSeries } from '../candles/funding-series.ts'
import { readMarginTiers, type Tier } from '../execution/margin-tiers.ts'
import type { Instrument } from '../instruments/instrument.ts'
import type { PerpetualConfig, RunConfig } from '../protocol/run-config.ts'
import { planFunding, type FundingEvent } from './funding-plan.ts'
import type { Window } from './window.ts'

/** What a run on perpetuals carries beside the rest (section 5 of the rules). */
export interface PerpState {
  readonly config: PerpetualConfig
  readonly isCross: boolean
  /** Isolated wallet balance (WB) by symbol, quote currency; 0 without a position, and always in cross margin. */
  readonly wallets: Float64Array
  /** Wallet and quantity at the start of a close of all lots of a symbol: what its fills release is measured by them. */
  /** Slot whose close ended with E at or below 0 (M); −1: none so far. */
  bankruptSlot: number
  closing: { readonly wallet: number; readonly quantity: number } | null
  /** Margin tiers by symbol. */
  readonly tiers: readonly (readonly Tier[])[]
  readonly markSeries: readonly (CandleSeries | null)[]
  /** Funding that is due, in order, and the first of it that is not charged yet. */
  readonly events: readonly FundingEvent[]
  nextEvent: number
  /** Cross margin: marks by symbol at the last close, at the adverse extreme of the last bar, at the open. */
  readonly marks: Float64Array
  readonly extremes: Float64Array
  readonly opens: Float64Array
  /** Bars whose extremes together would have liquidated the account, and whose close did not (L4). */
  crossAmbiguous: number
  /** Clearance fee rate of the lot that is being liquidated, else 0. */
  clearanceRate: number
}

/** @throws `invalid_config` for a symbol without margin tiers */
export function createPerpState(input: {
  readonly config: RunConfig
  readonly window: Window
  readonly instruments: readonly (Instrument | null)[]
  readonly marks?: readonly (CandleSeries | null)[]
  readonly funding?: readonly (FundingSeries | null)[]
}): PerpState {
  const { instruments } = input
  const { symbols } = input.config
  const config = input.config.perpetual!
  return {
    config,
    isCross: config.marginMode === 'cross',
    wallets: new Float64Array(symbols.length),
    bankruptSlot: -1,
    closing: null,
    tiers: symbols.map((symbol, i) => readMarginTiers(symbol, instruments[i]?.marginTiers ?? [])),
    markSeries: config.mark === 'last' ? [] : (input.marks ?? []),
    events: planFunding(input, input.funding ?? symbols.map(() => null)),
    nextEvent: 0,
    marks: new Float64Array(symbols.length),
    extremes: new Float64Array(symbols.length),
    opens: new Float64Array(symbols.length),
    crossAmbiguous: 0,
    clearanceRate: 0,
  }
}

/** Margin that an entry binds in its wallet; 0 in cross margin. */
export function bindMargin(perp: PerpState, symbol: number, notional: number): number {
  if (perp.isCross) return 0
  const margin = notional / perp.config.leverage
  perp.wallets[symbol]! += margin
  return margin
}

/** Begins a close of all lots. */
export function startWholeClose(perp: PerpState, book: SymbolBook): void {
  perp.closing = { wallet: perp.wallets[book.index]!, quantity: book.quantity }
}

/** Margin that the exit of `closed` of `before` releases (L2); the last lot releases what is left. */
export function releasedMargin(
  perp: PerpState,
  symbol: number,
  exit: { readonly closed: number; readonly before: number; readonly isLast: boolean },
): number {
  if (perp.isCross) return 0
  const wallet = perp.wallets[symbol]!
  const of = perp.closing ?? { wallet, quantity: exit.before }
  const margin = exit.isLast ? wallet : of.wallet * (exit.closed / of.quantity)
  perp.wallets[symbol] = exit.isLast ? 0 : wallet - margin
  return margin
}

/** Cross margin: equity less what the positions bind, at their marks (P3 d). */
export function crossFree(
  account: { readonly ledger: Ledger; readonly held: readonly SymbolBook[] },
  perp: PerpState,
): number {
  let equity = account.ledger.cash
  let bound = 0
  for (const book of account.held) {
    equity += book.side * book.quantity * (book.mark - book.averageEntry)
    bound += (book.quantity * book.mark) / perp.config.leverage
  }
  return equity - bound
}

/** The close of a slot ended with E at or below 0; the first such slot counts. */
export function noteBankrupt(perp: PerpState, slot: number): void {
  if (perp.bankruptSlot < 0) perp.bankruptSlot = slot
}
