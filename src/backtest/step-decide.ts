import type { TimelineState } from './timeline-state.ts'
import { putRecord, startRecord } from './book-state.ts'
import { askedSize, cancelWorking, refuseClose, refuseProposal } from './refusals.ts'
import { codeAt, valueAt } from './decision-columns.ts'
import { checkLiveOrders } from './live-orders.ts'
import { KIND, ORDER_TYPE, REASON, SELL } from './record-codes.ts'
import type { Proposal, SymbolBook } from '../portfolio/book.ts'

const STEP = 2
const SIGNAL_BUY = 0
const INTENT_OPEN = 1
const INTENT_CLOSE = 2

/** Step 2: decisions of the bars that ended at this instant are resolved against the position of now (P5, P6). */
export function decideStep(state: TimelineState): void {
  const { rows, due } = state.order
  while (state.nextDecision < rows.length && due[state.nextDecision] === state.slot) {
    const row = rows[state.nextDecision]!
    state.nextDecision += 1
    const proposal = readProposal(state, row, state.nextDecision)
    const book = state.books[proposal.symbol]!
    if (state.log.signal[row] === SIGNAL_BUY) decideBuy(state, book, proposal, codeAt(state.columns.intent, row))
    else decideSell(state, book, proposal, codeAt(state.columns.intent, row))
  }
}

function readProposal(state: TimelineState, row: number, number: number): Proposal {
  const { log, columns, slot } = state
  const symbol = log.symbol[row]!
  return {
    number,
    rank: state.ranks === null ? 0 : state.ranks[row]!,
    symbol,
    unit: log.unit[row]!,
    sequence: log.sequence[row]!,
    size: valueAt(columns.size, row),
    entryPrice: valueAt(columns.entryPrice, row),
    entryType: codeAt(columns.entryType, row),
    tpPrice: valueAt(columns.tpPrice, row),
    tpPct: valueAt(columns.tpPct, row),
    slPrice: valueAt(columns.slPrice, row),
    slPct: valueAt(columns.slPct, row),
    entryTime: valueAt(columns.entryTime, row),
    timeInForce: codeAt(columns.timeInForce, row),
    expiresAfterBars: valueAt(columns.expiresAfterBars, row),
    limitPrice: valueAt(columns.limitPrice, row),
    trailDistance: valueAt(columns.trailDistance, row),
    trailPct: valueAt(columns.trailPct, row),
    confidence: valueAt(columns.confidence, row),
    equity: state.equity[slot - 1]!,
    row: log.bar[row]!,
    close: state.books[symbol]!.market.close[log.bar[row]!]!,
    waited: 0,
    tries: 0,
  }
}

function refuse(state: TimelineState, proposal: Proposal, reason: number, side: number): void {
  const record = startRecord(state, KIND.refuse, reason, STEP)
  record.side = side
  record.symbol = proposal.symbol
  record.decision = proposal.number
  record.quantity = askedSize(proposal.size)
  putRecord(state)
}

/** Whether the decision bar was the last loaded bar of its symbol. */
function hasEnded(state: TimelineState, book: SymbolBook): boolean {
  return book.market.lastSlot < state.slot
}

function decideBuy(state: TimelineState, book: SymbolBook, proposal: Proposal, intent: number): void {
  if (intent === INTENT_CLOSE) return refuse(state, proposal, REASON.nothing_to_close, 0)
  if (hasEnded(state, book)) return refuse(state, proposal, REASON.data_ended, 0)
  const reference = proposal.entryPrice === proposal.entryPrice ? proposal.entryPrice : proposal.close
  if (
    proposal.tpPrice <= reference ||
    proposal.slPrice >= reference ||
    proposal.slPct >= 100 ||
    proposal.trailPct >= 100
  ) {
    return refuse(state, proposal, REASON.bracket_inverted, 0)
  }
  if (proposal.entryTime < state.time) return refuse(state, proposal, REASON.entry_in_past, 0)
  if (book.lots.length > 0 || book.working.length > 0 || book.pendingCount > 0) {
    const onSame = state.input.config.execution.onSame
    if (onSame === 'ignore') return refuse(state, proposal, REASON.already_open, 0)
    if (onSame === 'replace') replace(state, book, proposal)
  }
  state.pending.push(proposal)
  book.pendingCount += 1
  checkLiveOrders(state, book)
}

/** What stands in the way of a `replace` ends: working entries, pending proposals, then the lots by a queued close. */
function replace(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  clearEntries(state, book, { reason: REASON.replaced, decision: proposal.number })
  if (book.lots.length > 0) queueClose(state, book, { proposal, size: Number.NaN, reason: REASON.replaced })
}

function clearEntries(state: TimelineState, book: SymbolBook, why: { reason: number; decision: number }): void {
  for (const order of book.working.slice()) cancelWorking(state, order, { ...why, step: STEP })
  if (book.pendingCount === 0) return
  const gone = state.pending.filter((one) => one.symbol === book.index)
  state.pending = state.pending.filter((one) => one.symbol !== book.index)
  book.pendingCount = 0
  for (const one of gone) {
    refuseProposal(state, one, { reason: why.reason, step: STEP, quantity: askedSize(one.size) })
  }
}

function decideSell(state: TimelineState, book: SymbolBook, proposal: Proposal, intent: number): void {
  if (intent === INTENT_OPEN) return refuse(state, proposal, REASON.short_not_allowed, SELL)
  if (book.lots.length > 0) {
    if (hasEnded(state, book)) return refuse(state, proposal, REASON.data_ended, SELL)
    return queueClose(state, book, { proposal, size: proposal.size, reason: REASON.none })
  }
  if (book.working.length > 0 || book.pendingCount > 0) {
    return clearEntries(state, book, { reason: REASON.cancelled_by_sell, decision: proposal.number })
  }
  refuse(state, proposal, REASON.nothing_to_close, SELL)
}

function queueClose(
  state: TimelineState,
  book: SymbolBook,
  close: { proposal: Proposal; size: number; reason: number },
): void {
  const { proposal, size } = close
  const order = state.nextOrder
  state.nextOrder += 1
  state.closes.push({
    order,
    number: proposal.number,
    rank: proposal.rank,
    symbol: proposal.symbol,
    unit: proposal.unit,
    sequence: proposal.sequence,
    size,
    waited: 0,
  })
  book.closeCount += 1
  const record = startRecord(state, KIND.close, close.reason, STEP)
  record.side = SELL
  record.orderType = ORDER_TYPE.market
  record.symbol = proposal.symbol
  record.order = order
  record.decision = proposal.number
  record.quantity = askedSize(size)
  putRecord(state)
  checkLiveOrders(state, book)
}

/** Step 1, after the marks: a symbol whose last loaded bar ended at this instant loses all that waits (T6). */
export function endSymbol(state: TimelineState, book: SymbolBook): void {
  const why = { reason: REASON.data_ended, step: 1 }
  const proposals = state.pending.filter((one) => one.symbol === book.index)
  const closes = state.closes.filter((one) => one.symbol === book.index)
  state.pending = state.pending.filter((one) => one.symbol !== book.index)
  state.closes = state.closes.filter((one) => one.symbol !== book.index)
  book.pendingCount = 0
  book.closeCount = 0
  for (const one of proposals) refuseProposal(state, one, { ...why, quantity: askedSize(one.size) })
  for (const one of closes) refuseClose(state, one, { ...why, quantity: askedSize(one.size) })
  for (const order of book.working.slice()) cancelWorking(state, order, { ...why, decision: order.proposal.number })
}
