import { sellLimitPassed, takerSellPrice } from '../execution/pricing.ts'
import { compareKeys, type Lot, type PendingClose, type SymbolBook } from '../portfolio/book.ts'
import { quantityOf, unitsOf } from '../portfolio/money.ts'
import { isContiguous, liveRowAt } from '../portfolio/symbol-market.ts'
import { askedSize, bookExit, cancelWorking, refuseClose, refuseProposal, type ExitFacts } from './booking.ts'
import { MAKER, ORDER_TYPE, PATH, REASON, RULE, TAKER } from './record-codes.ts'
import type { TimelineState } from './timeline-state.ts'

const STEP = 4
/** Share of a lot's largest quantity below which a remainder is nothing (F10). */
const REMAINDER = 1e-12

interface Hit {
  readonly lot: Lot
  readonly book: SymbolBook
  readonly row: number
}

function compareHits(a: Hit, b: Hit): number {
  return compareKeys(a.lot.proposal, b.lot.proposal) || a.lot.id - b.lot.id
}

/** Step 4: what the open of the bars that begin now has passed is sold, then market exits act (T2). */
export function exitStep(state: TimelineState): void {
  if (state.brackets > 0) {
    exitAtStops(state)
    exitAtLimits(state)
  }
  if (state.closes.length > 0) closeStep(state)
}

function exitAtStops(state: TimelineState): void {
  const hits: Hit[] = []
  for (const book of state.watched) {
    if (book.brackets === 0) continue
    const row = liveRowAt(book.market, state.slot)
    if (row < 0) continue
    const open = book.market.open[row]!
    for (const lot of book.lots) if (open <= lot.sl) hits.push({ lot, book, row })
  }
  if (hits.length > 1) hits.sort(compareHits)
  for (const { lot, book, row } of hits) {
    const gross = book.market.open[row]!
    sellLot(state, lot, {
      gross,
      price: takerSellPrice(state.pricing, barFacts(book, row, gross)),
      liquidity: TAKER,
      rule: RULE.F3,
      step: STEP,
      path: PATH.none,
      reason: REASON.stop_loss,
      orderType: ORDER_TYPE.stop,
      order: 0,
      decision: lot.proposal.number,
    })
  }
}

function exitAtLimits(state: TimelineState): void {
  const hits: Hit[] = []
  const ticks = state.pricing.penetrateTicks
  for (const book of state.watched) {
    if (book.brackets === 0) continue
    const row = liveRowAt(book.market, state.slot)
    if (row < 0) continue
    const open = book.market.open[row]!
    const tick = book.rules.tick
    for (const lot of book.lots) if (sellLimitPassed(open, lot.tp, { ticks, tick })) hits.push({ lot, book, row })
  }
  if (hits.length > 1) hits.sort(compareHits)
  for (const { lot, book, row } of hits) {
    const price = isContiguous(book.market, state.slot, row) ? lot.tp : book.market.open[row]!
    sellLot(state, lot, {
      gross: price,
      price,
      liquidity: MAKER,
      rule: RULE.F2,
      step: STEP,
      path: PATH.none,
      reason: REASON.take_profit,
      orderType: ORDER_TYPE.limit,
      order: 0,
      decision: lot.proposal.number,
    })
  }
}

/** Inputs of a taker price in a bar. */
export function barFacts(
  book: SymbolBook,
  row: number,
  gross: number,
): { gross: number; low: number; high: number; rules: SymbolBook['rules'] } {
  return { gross, low: book.market.low[row]!, high: book.market.high[row]!, rules: book.rules }
}

/** Sells a lot whole. */
export function sellLot(state: TimelineState, lot: Lot, exit: ExitFacts): void {
  bookExit(state, lot, { ...exit, units: lot.units, quantity: lot.quantity })
}

/** Market exits in T3 order, then the count of the bars that the others wait. */
function closeStep(state: TimelineState): void {
  const waiting: PendingClose[] = []
  const due: PendingClose[] = []
  for (const close of state.closes) {
    const live = liveRowAt(state.books[close.symbol]!.market, state.slot) >= 0
    ;(live ? due : waiting).push(close)
  }
  state.closes = waiting
  if (due.length > 1) due.sort(compareKeys)
  for (const close of due) {
    const book = state.books[close.symbol]!
    book.closeCount -= 1
    actOnClose(state, book, close)
  }
  if (waiting.length > 0) expireCloses(state)
}

function expireCloses(state: TimelineState): void {
  const limit = state.input.config.execution.maxWaitBars
  const kept: PendingClose[] = []
  const expired: PendingClose[] = []
  for (const close of state.closes) {
    close.waited += 1
    ;(close.waited > limit ? expired : kept).push(close)
  }
  state.closes = kept
  for (const close of expired) {
    state.books[close.symbol]!.closeCount -= 1
    refuseClose(state, close, { reason: REASON.expired_stale, step: STEP, quantity: askedSize(close.size) })
  }
}

function actOnClose(state: TimelineState, book: SymbolBook, close: PendingClose): void {
  if (book.lots.length === 0) {
    return refuseClose(state, close, { reason: REASON.position_gone, step: STEP, quantity: askedSize(close.size) })
  }
  const row = liveRowAt(book.market, state.slot)
  const gross = book.market.open[row]!
  const exit: ExitFacts = {
    gross,
    price: takerSellPrice(state.pricing, barFacts(book, row, gross)),
    liquidity: TAKER,
    rule: RULE.F1,
    step: STEP,
    path: PATH.none,
    reason: REASON.exit,
    orderType: ORDER_TYPE.market,
    order: close.order,
    decision: close.number,
  }
  if (close.size < book.quantity) closePart(state, book, close, exit)
  else closeAll(state, book, close, exit)
}

function closeAll(state: TimelineState, book: SymbolBook, close: PendingClose, exit: ExitFacts): void {
  const reason = REASON.closed_lot
  for (const order of book.working.slice()) cancelWorking(state, order, { reason, step: STEP, decision: close.number })
  if (book.pendingCount > 0) {
    const isGone = (one: { symbol: number; number: number }): boolean =>
      one.symbol === close.symbol && one.number < close.number
    const gone = state.pending.filter(isGone)
    state.pending = state.pending.filter((one) => !isGone(one))
    book.pendingCount -= gone.length
    for (const one of gone) refuseProposal(state, one, { reason, step: STEP, quantity: askedSize(one.size) })
  }
  for (const lot of book.lots.slice()) sellLot(state, lot, exit)
}

function closePart(state: TimelineState, book: SymbolBook, close: PendingClose, exit: ExitFacts): void {
  const { rules } = book
  let rest = unitsOf(close.size, rules)
  const quantity = quantityOf(rest, rules)
  const refuse = (reason: number): void => refuseClose(state, close, { reason, step: STEP, quantity })
  if (rest <= 0) return refuse(REASON.zero_quantity)
  if (quantity < rules.minQuantity) return refuse(REASON.below_min_quantity)
  if (quantity * exit.gross < rules.minNotional) return refuse(REASON.below_min_notional)
  for (const lot of book.lots.slice()) {
    if (rest <= 0) break
    const whole = rest >= lot.units || lot.units - rest <= REMAINDER * lot.largestUnits
    if (whole) {
      rest -= lot.units
      sellLot(state, lot, exit)
    } else {
      bookExit(state, lot, { ...exit, units: rest, quantity: quantityOf(rest, rules) })
      rest = 0
    }
  }
}
