import type { TimelineState } from './timeline-state.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import { unitsOf } from '../portfolio/money.ts'
import { parseLegFunction, type LegFunction } from '../proposals/leg-function.ts'
import {
  cancelReason,
  clearEntries,
  hasEnded,
  hasEntries,
  openingFault,
  queueClose,
  refuseDecision,
  waitForOpen,
} from './decide-actions.ts'
import { codeAt, valueAt } from './decision-columns.ts'
import type { DecisionLog } from './decision-log.ts'
import { placeExitLegs, waitForLot } from './exit-legs.ts'
import { askLegs } from './leg-functions.ts'
import { actOnPortfolio, askPortfolio } from './portfolio-step.ts'
import { REASON } from './record-codes.ts'
import { askedSize, cancelExit, cancelWorking, endClose, refuseProposal } from './refusals.ts'
import { createGroup, isExitLeg, type LegFunctions, type Proposal, type ProposalGroup } from '../portfolio/orders.ts'

const SIGNAL_BUY = 0
const INTENT_OPEN = 1
const INTENT_CLOSE = 2

/** Step 2: decisions of the bars that ended at this instant are resolved against the position of now (P5, P6). */
export function decideStep(state: TimelineState): void {
  if (state.portfolio !== null) askPortfolio(state, state.portfolio)
  const { rows, due } = state.order
  while (state.nextDecision < rows.length && due[state.nextDecision] === state.slot) {
    const row = rows[state.nextDecision]!
    state.nextDecision += 1
    const proposal = readProposal(state, row, state.decisionsBefore + state.nextDecision)
    const book = state.books[proposal.symbol]!
    if (state.columns.action !== null) actOnPortfolio(state, book, proposal, row)
    else if (isExitLeg(proposal)) waitForLot(state, book, proposal)
    else if (proposal.group?.isAccepted) joinProposal(state, book, proposal)
    else resolve(state, book, proposal, codeAt(state.columns.intent, row))
  }
  askLegs(state)
  placeExitLegs(state)
}

/** What the legs of a proposal share: made with the first of them, null for a proposal of one. */
function groupOf(state: TimelineState, row: number): ProposalGroup | null {
  const leg = valueAt(state.columns.leg, row)
  const side = sideOf(state.log, row)
  if (leg !== leg) return functionsOf(state, row) === null ? null : createGroup(side)
  if (leg === 1) state.group = createGroup(side)
  return state.group
}

function sideOf({ signal }: DecisionLog, row: number): number {
  return signal[row] === SIGNAL_BUY ? 1 : -1
}

function functionsOf({ columns, log }: TimelineState, row: number): LegFunctions | null {
  const price = codeAt(columns.priceFn, row)
  const when = codeAt(columns.whenFn, row)
  if (price === 0 && when === 0) return null
  const read = (index: number): LegFunction | null => (index === 0 ? null : parseLegFunction(log.strings[index - 1]!))
  return { price: read(price), when: read(when) }
}

function executorOf({ columns, log }: TimelineState, row: number): string | null {
  const index = codeAt(columns.executor, row)
  return index === 0 ? null : log.strings[index - 1]!
}

/** What rounding to the step leaves for the last entry leg of a proposal; NaN: this is not that one. */
function restUnitsOf(state: TimelineState, row: number, group: ProposalGroup | null): number {
  const { columns, books, log } = state
  if (group === null || group.side !== sideOf(log, row)) return Number.NaN
  const { rules } = books[log.symbol[row]!]!
  const size = valueAt(columns.size, row)
  const before = group.units
  group.quantity += size
  group.units += unitsOf(size, rules)
  return rules.step !== null && isLastEntry(state, row) ? unitsOf(group.quantity, rules) - before : Number.NaN
}

function isLastEntry({ columns, order, log, nextDecision }: TimelineState, row: number): boolean {
  let leg = valueAt(columns.leg, row)
  for (let i = nextDecision; i < order.rows.length; i++) {
    const next = order.rows[i]!
    if (!(valueAt(columns.leg, next) > leg)) return true
    if (log.signal[next] === log.signal[row]) return false
    leg = valueAt(columns.leg, next)
  }
  return true
}

/** A further leg of a proposal that opens: whatever its symbol has, it goes with the others (P6). */
function joinProposal(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  const fault = openingFault(state, book, proposal)
  if (fault !== 0) return refuseDecision(state, proposal, fault)
  waitForOpen(state, book, proposal)
}

function readProposal(state: TimelineState, row: number, number: number): Proposal {
  const { log, columns, slot } = state
  const symbol = log.symbol[row]!
  const group = groupOf(state, row)
  const functions = functionsOf(state, row)
  return {
    number,
    rank: state.ranks === null ? 0 : state.ranks[row]!,
    symbol,
    unit: log.unit[row]!,
    sequence: log.sequence[row]!,
    side: sideOf(log, row),
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
    crossingPolicy: codeAt(columns.crossingPolicy, row),
    exitResolver: codeAt(columns.exitResolver, row),
    executor: executorOf(state, row),
    limitPrice: valueAt(columns.limitPrice, row),
    trailDistance: valueAt(columns.trailDistance, row),
    trailPct: valueAt(columns.trailPct, row),
    confidence: valueAt(columns.confidence, row),
    group,
    restUnits: restUnitsOf(state, row, group),
    functions,
    isLive: functions === null || functions.when === null,
    leftUnits: Number.NaN,
    until: Number.NaN,
    liveTime: valueAt(columns.liveTime, row),
    liveBar: valueAt(columns.liveBar, row),
    equity: state.equity[slot - 1]!,
    row: log.bar[row]!,
    close: state.books[symbol]!.market.close[log.bar[row]!]!,
    waited: 0,
    tries: 0,
  }
}

/** P5: what a decision means at the position of now. A spot market knows no short, and so nothing opposite to a SELL but a long. */
function resolve(state: TimelineState, book: SymbolBook, proposal: Proposal, intent: number): void {
  const { side } = proposal
  const perpetual = state.perp?.config ?? null
  if (intent === INTENT_CLOSE) return decideClose(state, book, proposal)
  const mayOpen = side > 0 || (perpetual !== null && perpetual.allowShort)
  if (!mayOpen && intent === INTENT_OPEN) return refuseDecision(state, proposal, REASON.short_not_allowed)
  const isOpposite = book.lots.length > 0 ? book.side !== side : hasEntries(book) && book.entrySide !== side
  if (!isOpposite) {
    if (mayOpen) decideOpen(state, book, proposal)
    else refuseDecision(state, proposal, REASON.nothing_to_close)
    return
  }
  const onOpposite = perpetual === null ? 'close' : perpetual.onOpposite
  if (onOpposite === 'ignore') return refuseDecision(state, proposal, REASON.opposite_position)
  if (mayOpen && (intent === INTENT_OPEN || onOpposite === 'reverse')) decideReverse(state, book, proposal)
  else decideClose(state, book, proposal)
}

function decideOpen(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  const fault = openingFault(state, book, proposal)
  if (fault !== 0) return refuseDecision(state, proposal, fault)
  if (book.lots.length > 0 || hasEntries(book)) {
    const onSame = state.input.config.execution.onSame
    if (onSame === 'ignore') return refuseDecision(state, proposal, REASON.already_open)
    if (onSame === 'replace') clearSymbol(state, book, proposal, REASON.replaced)
    else if (hasEntries(book) && book.entrySide !== proposal.side) {
      clearEntries(state, book, { reason: cancelReason(proposal), decision: proposal.number })
    }
  }
  waitForOpen(state, book, proposal)
}

/** Everything of the other side ends, then the proposal opens (P6: both sides never coexist). */
function decideReverse(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  const fault = openingFault(state, book, proposal)
  if (fault !== 0) return refuseDecision(state, proposal, fault)
  clearSymbol(state, book, proposal, REASON.reversed)
  waitForOpen(state, book, proposal)
}

/** Working entries and pending proposals end, and the lots by a queued close. */
function clearSymbol(state: TimelineState, book: SymbolBook, proposal: Proposal, reason: number): void {
  clearEntries(state, book, { reason, decision: proposal.number })
  if (book.lots.length > 0) queueClose(state, book, { proposal, side: -book.side, size: Number.NaN, reason })
}

/** A decision closes lots of the other side, else it cancels entries of it. */
function decideClose(state: TimelineState, book: SymbolBook, proposal: Proposal): void {
  const { side, size } = proposal
  if (book.lots.length > 0 && book.side !== side) {
    if (hasEnded(state, book)) return refuseDecision(state, proposal, REASON.data_ended)
    return queueClose(state, book, { proposal, side, size, reason: REASON.none })
  }
  if (hasEntries(book) && book.entrySide !== side) {
    return clearEntries(state, book, { reason: cancelReason(proposal), decision: proposal.number })
  }
  refuseDecision(state, proposal, REASON.nothing_to_close)
}

/** Step 1, after the marks: a symbol whose last loaded bar ended at this instant loses all that waits (T6). */
export function endSymbol(state: TimelineState, book: SymbolBook): void {
  const why = { reason: REASON.data_ended, step: 1 }
  const proposals = state.pending.filter((one) => one.symbol === book.index)
  const exitLegs = state.exitLegs.filter((one) => one.symbol === book.index)
  const closes = state.closes.filter((one) => one.symbol === book.index)
  state.pending = state.pending.filter((one) => one.symbol !== book.index)
  state.exitLegs = state.exitLegs.filter((one) => one.symbol !== book.index)
  state.closes = state.closes.filter((one) => one.symbol !== book.index)
  book.pendingCount = 0
  book.closeCount = 0
  for (const one of [...proposals, ...exitLegs]) {
    refuseProposal(state, one, { ...why, quantity: askedSize(one.size) })
  }
  for (const one of closes) endClose(state, one, { ...why, quantity: askedSize(one.size) })
  for (const order of book.working.slice()) cancelWorking(state, order, { ...why, decision: order.proposal.number })
  for (const order of book.exits.slice()) cancelExit(state, order, { ...why, decision: order.proposal.number })
}
