import type { BarRoom } from '../execution/participation.ts'
import type { ExitOrder } from './exit-order.ts'
import type { SymbolRules } from '../execution/rounding.ts'
import type { DetailBars } from './detail-bars.ts'
import type { MarkColumns } from './mark-columns.ts'
import type { Proposal } from './proposal.ts'
import type { SymbolMarket } from './symbol-market.ts'

/** An admitted entry order (P3 f). */
export interface WorkingOrder {
  readonly id: number
  readonly proposal: Proposal
  /** Index into ORDER_TYPES: market, limit, stop or stop_limit. */
  readonly type: number
  /** Limit or stop price on the tick, of a stop_limit its stop price; 0 for market. */
  readonly price: number
  /** Price that a limit or stop_limit never fills beyond; NaN: none. */
  readonly limit: number
  /** Slot from which it rests in the market as a limit; infinity: not yet. */
  restsFrom: number
  /** Steps, or base quantity where there is no step. */
  units: number
  quantity: number
  /** Units with which it was placed. */
  readonly asked: number
  /** What it keeps from others: margin and fee; on a spot market that is notional and fee. */
  reserve: number
  /** Notional and fee: what it adds to exposure. */
  exposure: number
  /** The lot that it fills: of what has filled of it, or of another leg of its proposal; null: there is none yet. */
  lot: Lot | null
  hasFilled: boolean
  /** A market order or triggered stop that takes what the next bars have room for (F9). */
  takes: boolean
  /** Absolute bracket prices on the tick; NaN: none or percent. */
  readonly tp: number
  readonly sl: number
  /** Slot in which it was admitted: its first live bar. */
  readonly slot: number
  /** Slot at whose open it has expired; infinity: never. */
  readonly until: number
  /** Slots in a row without a live bar, up to `waitedSlot`; slots in between that were not looked at were live. */
  waited: number
  waitedSlot: number
}

/** One entry and what is left of it (P6). */
export interface Lot {
  readonly id: number
  readonly order: number
  readonly proposal: Proposal
  /** 1: long, −1: short; the same for all lots of a symbol (P6). */
  readonly side: number
  units: number
  largestUnits: number
  quantity: number
  /** Average over its entry fills, by what was held of it. */
  entry: number
  /** Σ notional of its entry fills. */
  staked: number
  /** What still works of its entry, in order of id. */
  entries: WorkingOrder[]
  /** Its stop has triggered, but its bars had no room (F9): it is sold at the next opens. */
  stopped: boolean
  readonly gross: number
  /** Bracket prices on the tick, the stop in force; NaN: none. */
  tp: number
  sl: number
  /** First slot in which its bracket acts (F6). */
  readonly actsFrom: number
  /** Slot of the entry, and whether that was on the path through its bar. */
  readonly slot: number
  readonly onPath: boolean
  /** What the trailing stop follows; NaN: none. */
  extreme: number
  /** Whether `sl` is that of the trailing stop. */
  trails: boolean
  /** Realised profit less fees so far. */
  net: number
}

/** Everything open and waiting in one symbol. */
export interface SymbolBook {
  readonly index: number
  readonly rules: SymbolRules
  readonly market: SymbolMarket
  /** In order of opening. */
  lots: Lot[]
  /** In order of id. */
  working: WorkingOrder[]
  /** Resting orders against the lots, in order of id. */
  exits: ExitOrder[]
  pendingCount: number
  /** Side of the working and pending entries while there are any: they are all of one. */
  entrySide: number
  closeCount: number
  /** Take profits and stop losses of the open lots. */
  brackets: number
  /** Working limits and stops, exits too. */
  resting: number
  /** What the bar of `roomSlot` still has for fills (F9); null: not asked yet, or no cap. */
  room: BarRoom | null
  roomSlot: number
  /** Whether a lot has a trailing stop, or a resting exit is one. */
  isTrailing: boolean
  isHeld: boolean
  isWatched: boolean
  /** Side of the lots; without lots the last one that there was. */
  side: number
  /** Σ quantity of the lots in order of opening, and their average entry. */
  quantity: number
  /** Σ quantity · entry, likewise. */
  cost: number
  averageEntry: number
  /** Last close, the price at which lots are marked. */
  mark: number
  /** Lowest trigger on the way up, highest on the way down. */
  upLevel: number
  downLevel: number
  /** Of an isolated position; NaN: none. A level of the bars unless marks have columns of their own. */
  liquidation: number
  /** Shorter candles: marks and detail; null: none. */
  readonly marks: MarkColumns | null
  readonly detail: DetailBars | null
  /** Slots before this one are known to reach no level. */
  quietBefore: number
}

export function createBook(
  index: number,
  rules: SymbolRules,
  market: SymbolMarket,
  shorter: { readonly marks: MarkColumns | null; readonly detail: DetailBars | null },
): SymbolBook {
  return {
    index,
    rules,
    market,
    lots: [],
    working: [],
    exits: [],
    pendingCount: 0,
    entrySide: 1,
    closeCount: 0,
    brackets: 0,
    resting: 0,
    room: null,
    roomSlot: -1,
    isTrailing: false,
    isHeld: false,
    isWatched: false,
    side: 1,
    quantity: 0,
    cost: 0,
    averageEntry: 0,
    mark: 0.5,
    upLevel: Number.POSITIVE_INFINITY,
    downLevel: Number.NEGATIVE_INFINITY,
    liquidation: Number.NaN,
    ...shorter,
    quietBefore: 0,
  }
}

/** Recomputes what depends on lots and working orders. `slot` is the current one; levels are watched from the next on. */
export function refreshBook(book: SymbolBook, slot: number): void {
  let quantity = 0
  let cost = 0
  book.brackets = 0
  book.isTrailing = false
  book.upLevel = Number.POSITIVE_INFINITY
  book.downLevel = Number.NEGATIVE_INFINITY
  for (let i = 0; i < book.lots.length; i++) {
    const lot = book.lots[i]!
    quantity += lot.quantity
    cost += lot.quantity * lot.entry
    watchBracket(book, lot)
  }
  if (book.marks === null && book.liquidation === book.liquidation) {
    if (book.side > 0) watchDown(book, book.liquidation)
    else watchUp(book, book.liquidation)
  }
  let resting = 0
  for (let i = 0; i < book.working.length; i++) {
    const order = book.working[i]!
    if (order.takes) {
      // Whatever the next bar is, it takes its open.
      resting += 1
      watchUp(book, Number.NEGATIVE_INFINITY)
    }
    if (order.takes || order.type === MARKET) continue
    resting += 1
    const waits = isWaitingStop(order)
    // A buy stop and a sell limit are met on the way up.
    if (waits === order.proposal.side > 0) watchUp(book, waits ? order.price : order.limit)
    else watchDown(book, waits ? order.price : order.limit)
  }
  for (const exit of book.exits) {
    // A sell limit and a buy stop are met on the way up.
    if ((exit.type === STOP) === exit.proposal.side > 0) watchUp(book, exit.price)
    else watchDown(book, exit.price)
    if (exit.extreme === exit.extreme) watchExtreme(book, exit)
  }
  book.resting = resting + book.exits.length
  book.quantity = quantity
  book.cost = cost
  book.averageEntry = quantity > 0 ? cost / quantity : 0
  book.quietBefore = slot + 1
}

/** As refreshBook for one more lot and nothing else changed: the sums go on from where they are. */
export function appendLot(book: SymbolBook, lot: Lot, slot: number): void {
  book.side = lot.side
  book.lots.push(lot)
  book.quantity += lot.quantity
  book.cost += lot.quantity * lot.entry
  book.averageEntry = book.cost / book.quantity
  watchBracket(book, lot)
  book.quietBefore = slot + 1
}

/** The bracket of a long is a take profit above and a stop loss below, that of a short the other way round. */
function watchBracket(book: SymbolBook, lot: Lot): void {
  if (lot.tp === lot.tp) {
    book.brackets += 1
    if (lot.side > 0) watchUp(book, lot.tp)
    else watchDown(book, lot.tp)
  }
  if (lot.sl === lot.sl) {
    book.brackets += 1
    if (lot.side > 0) watchDown(book, lot.sl)
    else watchUp(book, lot.sl)
  }
  if (lot.extreme === lot.extreme) watchExtreme(book, lot)
}

/** A bar that goes beyond it moves a stop. */
function watchExtreme(book: SymbolBook, { extreme }: { readonly extreme: number }): void {
  book.isTrailing = true
  if (book.side > 0) watchUp(book, extreme)
  else watchDown(book, extreme)
}

function watchUp(book: SymbolBook, price: number): void {
  if (price < book.upLevel) book.upLevel = price
}

function watchDown(book: SymbolBook, price: number): void {
  if (price > book.downLevel) book.downLevel = price
}

export const MARKET = 1
export const LIMIT = 2
export const STOP = 3
export const STOP_LIMIT = 4

/** A stop or stop_limit that has not triggered. */
export function isWaitingStop(order: WorkingOrder): boolean {
  return order.type >= STOP && !order.takes && order.restsFrom === Number.POSITIVE_INFINITY
}
