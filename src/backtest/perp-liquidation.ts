/*
 * Theory of operation: an isolated position is liquidated where the mark touches its liquidation price (L2, L3). That price
 * changes with every fill and every payment of funding, and it is watched like a level of an order; with mark candles it is
 * watched on their columns. All lots go at the bankruptcy price, without a fee: what they realise together is the wallet.
 */
import { bankruptcyPrice, liquidationPrice, splitWallet } from '../execution/liquidation.ts'
import { rowAt, liveRowAt } from '../portfolio/symbol-market.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { loseWallet } from '../ledger/ledger.ts'
import { putRecord, startRecord, updateBook } from './book-state.ts'
import { noteTrade } from './closed-trades.ts'
import type { PerpState } from './perp-state.ts'
import { KIND, ORDER_TYPE, PATH, REASON, RULE, sideCode, TAKER } from './record-codes.ts'
import { cancelExit, cancelWorking, endEntries } from './refusals.ts'
import type { TimelineState } from './timeline-state.ts'

const STEP = 4

/** Where a liquidation happens. */
export interface LiquidationPlace {
  readonly step: number
  readonly path: number
}

/** Computes the liquidation price of a symbol anew after its position or its wallet changed. */
export function refreshLiquidation(state: TimelineState, perp: PerpState, book: SymbolBook): void {
  const wallet = perp.wallets[book.index]!
  book.liquidation =
    perp.isCross || book.lots.length === 0 ? Number.NaN : liquidationPrice(book, wallet, perp.tiers[book.index]!)
  updateBook(state, book)
}

/** Step 4: positions that the mark has already reached when the bar begins. */
export function liquidateAtOpen(state: TimelineState, perp: PerpState): void {
  for (const book of state.held.slice()) {
    const row = liveRowAt(book.market, state.slot)
    if (row < 0) continue
    const mark = (book.marks ?? book.market).open[row]!
    if (book.side * mark <= book.side * book.liquidation) {
      liquidatePosition(state, perp, book, { step: STEP, path: PATH.none })
    }
  }
}

/** Closes all lots of a position at its bankruptcy price; its working entries end. */
export function liquidatePosition(
  state: TimelineState,
  perp: PerpState,
  book: SymbolBook,
  { step, path }: LiquidationPlace,
): void {
  const decision = book.lots[0]!.proposal.number
  for (const order of book.working.slice()) cancelWorking(state, order, { reason: REASON.liquidated, step, decision })
  for (const order of book.exits.slice()) cancelExit(state, order, { reason: REASON.liquidated, step, decision })
  for (const lot of book.lots) endEntries(state, lot, { step, decision })
  const wallet = perp.wallets[book.index]!
  const price = bankruptcyPrice(book, wallet)
  const level = book.liquidation === book.liquidation ? book.liquidation : price
  const split = splitWallet(book, wallet, level, perp.tiers[book.index]!)
  const record = startRecord(state, KIND.liquidate, REASON.liquidation, step)
  record.side = sideCode(-book.side)
  record.rule = RULE.L3
  record.path = path
  record.symbol = book.index
  record.decision = decision
  record.quantity = book.quantity
  record.gross = level
  record.price = price
  record.fee = split.clearance
  record.realised = -wallet
  record.needed = split.way
  record.available = split.insurance
  putRecord(state)
  closeAtBankruptcy(state, perp, book, { step, path, price, level })
}

function closeAtBankruptcy(
  state: TimelineState,
  perp: PerpState,
  book: SymbolBook,
  at: LiquidationPlace & { price: number; level: number },
): void {
  let left = perp.wallets[book.index]!
  book.lots.reverse()
  while (book.lots.length > 0) {
    const lot = book.lots.pop()!
    if (lot.proposal.group !== null) lot.proposal.group.lot = null
    const isLast = book.lots.length === 0
    const realised = isLast ? -left : lot.side * (lot.quantity * (at.price - lot.entry))
    left += realised
    perp.wallets[book.index] = isLast ? 0 : left
    loseWallet(state.ledger, realised, lot.quantity * at.price)
    lot.net += realised
    state.openLots -= 1
    if (state.sizing.window > 0) noteTrade(state, lot)
    if (isLast) {
      book.liquidation = Number.NaN
      updateBook(state, book)
    } else {
      book.quantity -= lot.quantity
      book.cost -= lot.quantity * lot.entry
      book.averageEntry = book.quantity > 0 ? book.cost / book.quantity : 0
    }
    const record = startRecord(state, KIND.fill, REASON.liquidation, at.step)
    record.side = sideCode(-lot.side)
    record.orderType = ORDER_TYPE.market
    record.rule = RULE.L3
    record.liquidity = TAKER
    record.path = at.path
    record.symbol = book.index
    record.lot = lot.id
    record.decision = lot.proposal.number
    record.quantity = lot.quantity
    record.gross = at.level
    record.price = at.price
    record.realised = realised
    putRecord(state)
  }
}

/** Mark of a symbol at the open of a slot or at its last close; `last` is the mark known before. */
export function markAt(
  book: SymbolBook,
  slot: number,
  column: 'open' | 'high' | 'low' | 'close',
  last: number,
): number {
  const row = rowAt(book.market, slot)
  return row < 0 ? last : (book.marks ?? book.market)[column][row]!
}
