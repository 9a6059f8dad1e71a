import type { Ledger } from '../ledger/ledger.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import type { PerpetualConfig } from '../protocol/run-config.ts'

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
}

export function createPerpState(config: PerpetualConfig, symbols: number): PerpState {
  return {
    config,
    isCross: config.marginMode === 'cross',
    wallets: new Float64Array(symbols),
    bankruptSlot: -1,
    closing: null,
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
