import { buyLimitPassed, takerBuyPrice } from '../execution/pricing.ts'
import { priceDown, priceUp } from '../execution/rounding.ts'
import { MARKET, STOP, type SymbolBook, type WorkingOrder } from '../portfolio/book.ts'
import { affordableUnits, cashNeed, quantityOf } from '../portfolio/money.ts'
import { isContiguous, liveRowAt } from '../portfolio/symbol-market.ts'
import { bookEntry, cancelWorking, refuseWorking, type FillFacts } from './booking.ts'
import { MAKER, PATH, REASON, RULE, TAKER } from './record-codes.ts'
import { freeCash } from './step-admit.ts'
import { barFacts } from './step-exits.ts'
import type { TimelineState } from './timeline-state.ts'

const STEP = 6

/** Step 6: market entries, and limits and stops that the open has passed, in order of id (T2). */
export function entryStep(state: TimelineState): void {
  if (state.working.length === 0) return
  for (const order of state.working.slice()) {
    const book = state.books[order.proposal.symbol]!
    const row = liveRowAt(book.market, state.slot)
    if (row >= 0) enterAtOpen(state, book, order, row)
    else {
      order.waited = order.waitedSlot === state.slot - 1 ? order.waited + 1 : 1
      order.waitedSlot = state.slot
      if (order.waited > state.input.config.execution.maxWaitBars) {
        cancelWorking(state, order, { reason: REASON.expired_stale, step: STEP, decision: order.proposal.number })
      }
    }
  }
}

function takerFill(
  state: TimelineState,
  book: SymbolBook,
  fill: { row: number; gross: number; rule: number },
): FillFacts {
  return {
    gross: fill.gross,
    price: takerBuyPrice(state.pricing, barFacts(book, fill.row, fill.gross)),
    liquidity: TAKER,
    rule: fill.rule,
    step: STEP,
    path: PATH.none,
  }
}

function enterAtOpen(state: TimelineState, book: SymbolBook, order: WorkingOrder, row: number): void {
  const open = book.market.open[row]!
  if (order.type === MARKET) fillEntry(state, order, takerFill(state, book, { row, gross: open, rule: RULE.F1 }), open)
  else if (order.type === STOP) {
    if (open >= order.price) {
      fillEntry(state, order, takerFill(state, book, { row, gross: open, rule: RULE.F3 }), open)
    }
  } else enterAtLimit(state, book, order, row)
}

function enterAtLimit(state: TimelineState, book: SymbolBook, order: WorkingOrder, row: number): void {
  const open = book.market.open[row]!
  if (order.slot === state.slot) {
    if (open > order.price) return
    const fill = takerFill(state, book, { row, gross: open, rule: RULE.F2 })
    fillEntry(state, order, { ...fill, price: Math.min(order.price, fill.price) }, open)
    return
  }
  const passed = buyLimitPassed(open, order.price, { ticks: state.pricing.penetrateTicks, tick: book.rules.tick })
  if (!passed) return
  const price = isContiguous(book.market, state.slot, row) ? order.price : open
  const fill = { gross: price, price, liquidity: MAKER, rule: RULE.F2, step: STEP, path: PATH.none }
  fillEntry(state, order, fill, open)
}

/** Bracket prices of a lot that enters at `gross`: absolute ones of the order, or percent of gross on the tick (F7). */
export function bracketPrices(book: SymbolBook, order: WorkingOrder, gross: number): { tp: number; sl: number } {
  const { proposal } = order
  const { tick } = book.rules
  const tp = proposal.tpPct === proposal.tpPct ? priceUp(gross * (1 + proposal.tpPct / 100), tick) : order.tp
  const sl = proposal.slPct === proposal.slPct ? priceDown(gross * (1 - proposal.slPct / 100), tick) : order.sl
  return { tp, sl }
}

/** The checks at the fill (F7, P3 d), then the fill. */
function fillEntry(state: TimelineState, order: WorkingOrder, fill: FillFacts, open: number): void {
  const book = state.books[order.proposal.symbol]!
  const { tp, sl } = bracketPrices(book, order, fill.gross)
  if (tp <= open || sl >= open) return refuseWorking(state, order, { reason: REASON.bracket_passed })
  const { rules } = book
  const rate = fill.liquidity === MAKER ? state.pricing.makerRate : state.pricing.takerRate
  const available = freeCash(state, order)
  const needed = cashNeed(order.quantity, fill.price, rate)
  let { units, quantity } = order
  if (needed > available) {
    const refusal = { reason: REASON.insufficient_cash, needed, available }
    if (state.input.config.execution.onShortfall === 'refuse') return refuseWorking(state, order, refusal)
    units = affordableUnits(available, { price: fill.price, rate, rules })
    quantity = quantityOf(units, rules)
    if (units <= 0 || quantity < rules.minQuantity || quantity * fill.price < rules.minNotional) {
      return refuseWorking(state, order, refusal)
    }
  }
  bookEntry(state, order, { ...fill, units, quantity, tp, sl })
}
