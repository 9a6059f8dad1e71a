import type { AskedLeg, ReferenceDecision } from './reference-engine-decision.ts'
import type { RestingExit } from './reference-engine-exit.ts'
import type { ReferenceUsers } from './reference-engine-users.ts'

/**
 * Plain shapes of the reference engine. They are declared here again on purpose: nothing of the reference may come
 * from the code that it checks.
 */
export interface ReferenceBar {
  time: number
  open: number
  high: number
  low: number
  close: number
  volume: number
}

export interface ReferenceInstrument extends Record<'tick' | 'step', string | null> {
  minQuantity: string | null
  minNotional: string | null
  multiplier?: string
}

export interface ReferenceSpec {
  builtin: string
  params: Record<string, string | number | boolean | null>
}

/** Section 5; absent on a spot market. */
export interface ReferencePerpetual {
  leverage: number
  marginMode: 'isolated' | 'cross'
  allowShort: boolean
  onOpposite: 'close' | 'reverse' | 'ignore'
  mark: 'auto' | 'last'
  funding: 'data' | 'none' | { everyHours: number; rate: number }
}

export interface ReferenceTier {
  floor: number
  cap: number | null
  mmr: number
  kappa: number
}

export interface ReferenceFunding {
  time: number
  rate: number
  mark: number | null
}

export interface ReferenceConfig {
  perpetual?: ReferencePerpetual
  symbols: string[]
  initialCash: number
  fee: ReferenceSpec
  slippage: ReferenceSpec
  sizing: ReferenceSpec
  capacity: ReferenceSpec
  risk: ReferenceSpec
  fill: 'worst' | 'best' | 'path_color' | 'path_near' | 'random' | 'detail'
  seed: string
  endOfData: 'open' | 'close'
  execution: {
    marketFill: 'next_open' | 'same_close'
    onSame: 'ignore' | 'add' | 'replace'
    onShortfall: 'shrink' | 'refuse'
    retryBars: number
    maxWaitBars: number
    limitTouch: string
    clampSlippage: boolean
    trailBasis: 'extreme' | 'close'
    bracketFrom: 'line' | 'next_bar' | 'market_entries'
    restingLimit: 'limit' | 'open'
    quantity: 'steps' | 'integer'
    cashCheck: 'admit' | 'submission_and_fill' | 'fill'
    participation: number | null
  }
}

export interface ReferenceInput {
  config: ReferenceConfig
  /** Loaded rows (lookback and window) of each symbol of config.symbols. */
  bars: ReferenceBar[][]
  /** tau(0) .. tau(n): opens of the window's slots and the end of the window. */
  opens: number[]
  instruments: (ReferenceInstrument | null)[]
  decisions: ReferenceDecision[]
  /** Code of the user in place of policies of the configuration. */
  users?: ReferenceUsers
  /** Perpetuals, a list for each symbol: margin tiers, funding rows (null: no data), mark candles (null: none) and their length. */
  tiers?: ReferenceTier[][]
  funding?: (ReferenceFunding[] | null)[]
  marks?: (ReferenceBar[] | null)[]
  markMs?: number
  /** Detail candles of each symbol (null: none), and their length. */
  detail?: (ReferenceBar[] | null)[]
  detailMs?: number
  /** Told the name of each branch that leaves no mark of its own in a record, for counting. */
  onBranch?: (name: string) => void
}

export interface ReferenceRecord {
  kind: 'admit' | 'close' | 'refuse' | 'fill' | 'cancel' | 'funding' | 'liquidate' | 'write_off'
  reason: string
  side: 'buy' | 'sell'
  orderType: 'none' | 'market' | 'limit' | 'stop' | 'stop_limit'
  rule: 'none' | 'F1' | 'F2' | 'F3' | 'F4' | 'F13' | 'T6' | 'L1' | 'L3' | 'L4' | 'M'
  liquidity: 'none' | 'maker' | 'taker'
  path: 'none' | 'O-H-L-C' | 'O-L-H-C'
  step: number
  symbol: number
  order: number
  lot: number
  decision: number
  time: number
  quantity: number
  gross: number
  price: number
  fee: number
  realised: number
  needed: number
  available: number
  cash: number
}

/** A decision with everything that is known at its own instant. */
export interface Decided {
  row: ReferenceDecision
  number: number
  rank: number
  /** tau(k) at which it is made: the end of its bar. */
  instant: number
  close: number
  /** E of that instant; set in step 2. */
  equity: number
  /** All legs of the proposal, itself among them; null: it has one. */
  legs: Decided[] | null
  /** Of a leg with functions. */
  asked: AskedLeg | null
}

/** A pending proposal. */
export interface Pending {
  decided: Decided
  waited: number
  triesLeft: number
}

export interface WorkingEntry {
  id: number
  decided: Decided
  symbol: number
  type: 'market' | 'limit' | 'stop' | 'stop_limit'
  /** Limit or stop price, 0 for market. */
  level: number
  /** Units with which it was admitted, and when. */
  asked: number
  placed: number
  /** The lot of what has filled of it (F9). */
  lot: number | null
  /** A market order, or a stop that has triggered, that goes on to the next open. */
  takes: boolean
  /** Limit of a stop_limit. */
  limit: number | null
  /** Instant at whose bar a stop_limit triggered without a fill; from the next one on it is a limit. */
  triggered: number | null
  /** Whole steps, or the quantity itself for a symbol without a step. */
  units: number
  tp: number | null
  sl: number | null
  reserve: number
  /** Notional and fee. */
  exposure: number
  waited: number
  /** Instant at which its time is up; null: never. */
  endsAt: number | null
  /** Number of live bars it has met so far. */
  liveBars: number
}

export interface PendingClose {
  id: number
  decided: Decided
  symbol: number
  /** Side of the order that closes. */
  side: 'buy' | 'sell'
  /** null: everything. */
  size: number | null
  /** The one lot that it closes, null: any; whether working entries stay (a sale of onBar). */
  lot: number | null
  keepsEntries: boolean
  /** Once it has acted: units that are left of it (null: all) and the lots it is about, by id below `before` (F9). */
  acted: { rest: number | null; before: number } | null
  /** Price that code of the user has made for its fill of slot k: one for all its lots. */
  told?: { k: number; price: number }
  waited: number
}

export interface Lot {
  id: number
  decided: Decided
  symbol: number
  side: 'long' | 'short'
  /** Instant of the entry. */
  opened: number
  units: number
  largest: number
  entry: number
  tp: number | null
  sl: number | null
  /** Its stop has triggered without room for all of it. */
  stopped: boolean
  /** Trailing stop: its extreme so far, null: none. */
  extreme: number | null
  /** The stop in `sl` is the trailing one. */
  trails: boolean
  /** Price of its first fill before slippage. */
  gross: number
  /** Type of the order that opened it. */
  entryType: WorkingEntry['type']
  /** Open of the bar of the entry, and whether the entry was at that open. */
  born: number
  atOpen: boolean
  /** Notional of the entry. */
  cost: number
  /** Realised less fees so far. */
  net: number
}

/** Everything that changes during a run. */
export interface Book {
  /** Perpetuals: free cash; in cross margin the wallet. */
  cash: number
  /** Isolated wallet balance by symbol. */
  wallets: Map<number, number>
  /** Gross entry of positions opened since the last close, by symbol: their mark until then. */
  freshMarks: Map<number, number>
  /** Realised less fees since the path of the bar began. */
  gain: number
  /** What entries on the paths of this instant may still spend, and admissions of it, where nothing is reserved. */
  pathCash: number
  admissionCash: number
  /** Notional of all fills so far. */
  traded: number
  nextOrder: number
  nextLot: number
  pending: Pending[]
  entries: WorkingEntry[]
  exits: RestingExit[]
  /** Legs that close, until they are placed. */
  exitLegs: Decided[]
  closes: PendingClose[]
  lots: Lot[]
  records: ReferenceRecord[]
  /** Return of each trade that has closed, in order of closing. */
  trades: number[]
  /** Units that fills have taken of a bar, by symbol (F9). */
  used: Map<number, { time: number; units: number }>
  /** What code of the user that prices fills is told of the account on the paths. */
  told?: object
}

/** A run with the lookups that every step needs. */
export interface Run {
  input: ReferenceInput
  decisions: Decided[]
  book: Book
  /** Bars that L4 cannot decide. */
  crossAmbiguous: number
  /** E of the last instant. */
  equity: number
  /** E of all instants so far, from tau(1) on. */
  equities: number[]
  /** Row of the symbol's series that opens at tau(k), or -1. */
  rowAt(symbol: number, k: number): number
  /** The bar of slot k if it may fill anything. */
  liveBar(symbol: number, k: number): ReferenceBar | null
  /** The bar of slot k is the symbol's last one. */
  isLastBar(symbol: number, k: number): boolean
}
