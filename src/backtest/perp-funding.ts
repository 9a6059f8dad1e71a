/*
 * Theory of operation: each lot pays or gets its part of funding, so that a trade knows what it cost; an isolated position
 * pays no more than its wallet holds, and without a wallet it is liquidated there and then (L1).
 */
import type { CandleSeries } from '../candles/series.ts'
import { receiveFunding } from '../ledger/ledger.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { rowAt } from '../portfolio/symbol-market.ts'
import { putRecord, startRecord } from './book-state.ts'
import type { FundingEvent } from './funding-plan.ts'
import { liquidatePosition, refreshLiquidation } from './perp-liquidation.ts'
import type { PerpState } from './perp-state.ts'
import { KIND, PATH, REASON, RULE, sideCode } from './record-codes.ts'
import type { TimelineState } from './timeline-state.ts'
import { lowerBound } from './window.ts'
import type { Lot } from '../portfolio/orders.ts'

/** Where the mark of a payment is from, as the records tell it. */
const MARK_OF_ROW = 1
const MARK_OF_CANDLE = 2
const MARK_OF_CLOSE = 3

/** Charges what is due in this slot: `isCoarse` false in step 3, true after step 6. */
export function fundingStep(state: TimelineState, perp: PerpState, isCoarse: boolean): void {
  const { events } = perp
  while (perp.nextEvent < events.length && events[perp.nextEvent]!.slot < state.slot) perp.nextEvent += 1
  for (; perp.nextEvent < events.length; perp.nextEvent++) {
    const event = events[perp.nextEvent]!
    if (event.slot !== state.slot || event.isCoarse !== isCoarse) return
    const book = state.books[event.symbol]!
    if (book.lots.length > 0) charge(state, perp, book, event)
  }
}

function charge(state: TimelineState, perp: PerpState, book: SymbolBook, event: FundingEvent): void {
  const { mark, source } = markOf(state, perp, book, event)
  for (const lot of book.lots) payLot(state, perp, lot, { event, mark, source })
  if (perp.isCross) return
  refreshLiquidation(state, perp, book)
  if (perp.wallets[book.index]! <= 0) {
    const step = event.isCoarse ? 6 : 3
    liquidatePosition(state, perp, book, { step, path: PATH.none })
  }
}

function markOf(
  state: TimelineState,
  perp: PerpState,
  book: SymbolBook,
  event: FundingEvent,
): { mark: number; source: number } {
  if (event.mark === event.mark) return { mark: event.mark, source: MARK_OF_ROW }
  const candles = perp.markSeries[book.index] ?? null
  const open = candles === null ? Number.NaN : openAt(candles, event.stamp)
  if (open === open) return { mark: open, source: MARK_OF_CANDLE }
  return { mark: lastClose(state, book), source: MARK_OF_CLOSE }
}

/** Open of the candle that starts at `time`; NaN: there is none. */
function openAt(candles: CandleSeries, time: number): number {
  const row = lowerBound(candles.time, candles.rows, time)
  return row < candles.rows && candles.time[row] === time ? candles.open[row]! : Number.NaN
}

/** Last close at this instant; a position that was opened in it is marked at its entry. */
function lastClose(state: TimelineState, book: SymbolBook): number {
  if (book.lots[0]!.slot < state.slot) return book.mark
  return book.market.close[rowAt(book.market, state.slot) - 1]!
}

function payLot(
  state: TimelineState,
  perp: PerpState,
  lot: Lot,
  { event, mark, source }: { event: FundingEvent; mark: number; source: number },
): void {
  const asked = -lot.side * (lot.quantity * mark * event.rate)
  let payment = asked
  if (!perp.isCross) {
    const wallet = perp.wallets[event.symbol]!
    if (asked < -wallet) payment = -wallet
    perp.wallets[event.symbol] = wallet + payment
  }
  receiveFunding(state.ledger, payment, perp.isCross)
  lot.net += payment
  const reason = event.isScheduled ? REASON.scheduled_funding : REASON.funding
  const record = startRecord(state, KIND.funding, reason, event.isCoarse ? 6 : 3)
  record.side = sideCode(lot.side)
  record.rule = RULE.L1
  record.symbol = event.symbol
  record.order = source
  record.lot = lot.id
  record.decision = lot.proposal.number
  record.quantity = lot.quantity
  record.gross = mark
  record.price = event.rate
  record.realised = payment
  record.needed = asked
  record.available = event.time
  putRecord(state)
}

/** First slot from `slot` on in which funding is due while positions are open. */
export function nextFundingSlot(perp: PerpState, slot: number, limit: number): number {
  while (perp.nextEvent < perp.events.length && perp.events[perp.nextEvent]!.slot < slot) perp.nextEvent += 1
  const event = perp.events[perp.nextEvent]
  return event !== undefined && event.slot < limit ? event.slot : limit
}
