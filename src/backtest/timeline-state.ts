import type { FundingSeries } from '../candles/funding-series.ts'
import type { DetailMatch } from '../candles/detail.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { Pricing } from '../execution/pricing.ts'
import { symbolRules } from '../execution/rounding.ts'
import type { Instrument } from '../instruments/instrument.ts'
import { createLedger, type Ledger } from '../ledger/ledger.ts'
import type { AccountView } from '../policies/account-view.ts'
import type { CapacityPolicy } from '../policies/capacity.ts'
import type { CostEvent } from '../policies/fee.ts'
import { createFillPolicy, lineChoice, type ChooseLine } from '../policies/fill.ts'
import type { RiskPolicy } from '../policies/risk.ts'
import type { SizingHistory, SizingModel } from '../policies/sizing.ts'
import { createBook, type SymbolBook, type WorkingOrder } from '../portfolio/book.ts'
import type { ExitOrder } from '../portfolio/exit-order.ts'
import type { PendingClose } from '../portfolio/pending-close.ts'
import type { Proposal, ProposalGroup } from '../portfolio/proposal.ts'
import { createDetailBars, matchDetailBars, type DetailBars } from '../portfolio/detail-bars.ts'
import { createMarkColumns, type MarkColumns } from '../portfolio/mark-columns.ts'
import { createSymbolMarket, type SymbolMarket } from '../portfolio/symbol-market.ts'
import type { RunConfig } from '../protocol/run-config.ts'
import { intervalMs, slotOpen } from '../candles/interval.ts'
import { createAccountView } from './account-view.ts'
import { decisionColumns, type DecisionColumns } from './decision-columns.ts'
import { CROSSING_POLICIES, type DecisionLog } from './decision-log.ts'
import { decisionRanks, orderDecisions, type DecisionOrder } from './decision-order.ts'
import { createPerpState, type PerpState } from './perp-state.ts'
import { LivePortfolio, type PortfolioCode } from './portfolio-live.ts'
import { RecordWriter } from './record-stream.ts'
import { createDraft, createFillScratch, type Draft, type FillScratch } from './scratch.ts'
import { NO_USER_CODE, type UserCode } from './user-port.ts'
import { loadPolicies, refuseVolumeless } from './run-policies.ts'
import type { Window } from './window.ts'

export interface TimelineInput {
  readonly config: RunConfig
  /** In the order of config.symbols; exactly the loaded rows (window.ts). */
  readonly series: readonly CandleSeries[]
  readonly window: Window
  readonly lookback: number
  /** In the order of config.symbols; null: no rounding, no minimums. */
  readonly instruments: readonly (Instrument | null)[]
  readonly decisions: DecisionLog
  /** Perpetuals: mark candles and funding rows in the order of config.symbols; null: none of that symbol. */
  readonly marks?: readonly (CandleSeries | null)[]
  readonly funding?: readonly (FundingSeries | null)[]
  /** Detail candles in the order of config.symbols; null: none of that symbol (F7). */
  readonly detail?: readonly (CandleSeries | null)[]
  /** Slots done, slots in all, and the open of the next slot (ms UTC); about 100 calls a run. */
  readonly onProgress?: (done: number, total: number, barTime: number) => void
  /** What code of the user answers; absent: there is none. */
  readonly user?: UserCode
  /** A portfolio strategy to ask; null: all decisions stand in `decisions`, which is empty otherwise. */
  readonly portfolio?: PortfolioCode | null
  /** Records beyond which the run ends as `tooManyOrders`. */
  readonly maxRecords?: number
}

/** A bar whose two lines end in different symbol equity (F8). */
export interface AmbiguousBar {
  readonly symbol: number
  /** Open of the bar, ms UTC. */
  readonly time: number
  /** Cash change plus holdings at the close, on O-H-L-C and on O-L-H-C. */
  readonly high: number
  readonly low: number
}

/** All that phase 2 carries from one instant to the next. */
export interface TimelineState {
  readonly input: TimelineInput
  readonly user: UserCode
  /** Decisions that may be due: all of the run, or of a strategy that is asked meanwhile those of its last call. */
  log: DecisionLog
  order: DecisionOrder
  ranks: Float64Array | null
  columns: DecisionColumns
  /** Rows of the logs before this one. */
  decisionsBefore: number
  /** Null: the decisions are known before the run. */
  readonly portfolio: LivePortfolio | null
  readonly slots: number
  readonly books: readonly SymbolBook[]
  /** Books with lots, and books with brackets or working orders; both in symbol order. */
  held: SymbolBook[]
  watched: SymbolBook[]
  /** In decision number order. */
  pending: Proposal[]
  closes: PendingClose[]
  /** In order of id. */
  working: WorkingOrder[]
  /** Resting exits, in order of id. */
  exits: ExitOrder[]
  brackets: number
  readonly ledger: Ledger
  /** Null on a spot market. */
  readonly perp: PerpState | null
  readonly pricing: Pricing
  readonly sizing: SizingModel
  readonly history: SizingHistory & { readonly returns: number[] }
  readonly capacity: CapacityPolicy
  /** Null: nothing to ask (P3 e). */
  readonly risk: RiskPolicy | null
  readonly account: AccountView
  /** By index into CROSSING_POLICIES (1 and up), and that of the run. */
  readonly chooseLine: readonly ChooseLine[]
  readonly policy: number
  /** Of the line that is being booked: open of its detail candle, or its policy if it is not the run's, else 0. */
  crossing: number
  readonly writer: RecordWriter
  /** Scratch of the fill that is being booked, of the order that is being admitted, and of the event a fee is asked with: no object per fill. */
  readonly fill: FillScratch
  readonly draft: Draft
  readonly cost: { -readonly [K in keyof CostEvent]: CostEvent[K] }
  /** Length of a slot in ms, null for calendar months. */
  readonly slotMs: number | null
  readonly equity: Float64Array
  /** Scratch of the profit side for a range of slots. */
  readonly profit: Float64Array
  /** Legs with functions, in decision order; some of them may have ended. */
  asking: Proposal[]
  /** Of the last proposal of several legs that was decided. */
  group: ProposalGroup | null
  /** Index of the first row of `order` that is not yet due. */
  nextDecision: number
  nextOrder: number
  /** No working entry expires before this slot. */
  nextExpiry: number
  nextLot: number
  /** Where working orders reserve nothing: free before the paths, less entries on them; and for the next admission. */
  pathFree: number
  submissionFree: number
  openLots: number
  isClosingAll: boolean
  /** Share of a bar's volume that fills may take (F9); null: any. */
  readonly participation: number | null
  /** Code of the user prices fills: it is asked on both lines of a bar, even where both are the same (F7). */
  readonly asksOnLines: boolean
  /** Market orders take the close before their bar, not its open (F1). */
  readonly takesCloses: boolean
  /** Trailing stops follow closes, not extremes. */
  readonly trailsByClose: boolean
  slot: number
  time: number
  breach: string | null
  tooManyOrders: string | null
  readonly ambiguity: AmbiguousBar[]
  ambiguityCount: number
  ambiguityDifference: number
}

/** Slots that are marked at once; the scratch of a range has this length. */
export const RANGE_SLOTS = 4096

const DEFAULT_MAX_RECORDS = 5_000_000

/** Columns of shorter candles: marks (null: its own prices are its marks) and detail candles. */
function shorterOf(
  { config, marks, detail }: TimelineInput,
  market: SymbolMarket,
  at: { symbol: number; match: DetailMatch | null },
): { marks: MarkColumns | null; detail: DetailBars | null } {
  const { perpetual } = config
  const candles = perpetual === undefined || perpetual.mark === 'last' ? null : (marks?.[at.symbol] ?? null)
  const columns = createMarkColumns(market.series, candles)
  if (at.match === null) return { marks: columns, detail: null }
  const baseMarks = perpetual?.marginMode === 'isolated' ? columns : null
  const bars = createDetailBars(at.match, detail![at.symbol]!, { baseMarks, marks: candles })
  return { marks: columns, detail: bars.isPlayable ? bars : null }
}

/**
 * State before the first instant.
 * @throws `protocol` if the decision log does not fit the run; `invalid_config` for slippage or a cap by volume without volume
 */
export function createTimelineState(input: TimelineInput): TimelineState {
  const { config, series, window, instruments, lookback, decisions } = input
  const slots = window.endSlot - window.firstSlot
  const matches = series.map((one, i) => matchDetailBars(one, input.detail?.[i] ?? null))
  const markets = series.map((one, i) => createSymbolMarket(matches[i]?.series ?? one, window))
  const user = input.user ?? NO_USER_CODE
  const policies = loadPolicies(config, user, () => state)
  refuseVolumeless(policies.pricing.slippage, config.execution.participation, markets)
  const state: TimelineState = {
    input,
    user,
    log: decisions,
    order: orderDecisions(decisions, { markets, lookback, slots }),
    ranks: decisionRanks(decisions),
    columns: decisionColumns(decisions),
    decisionsBefore: 0,
    portfolio: input.portfolio == null ? null : new LivePortfolio(input.portfolio, { markets, lookback, slots }),
    slots,
    books: markets.map((market, i) => {
      const rules = symbolRules(instruments[i] ?? null, {
        leverage: config.perpetual?.leverage,
        quantity: config.execution.quantity,
      })
      return createBook(i, rules, market, shorterOf(input, market, { symbol: i, match: matches[i]! }))
    }),
    held: [],
    watched: [],
    pending: [],
    closes: [],
    working: [],
    exits: [],
    brackets: 0,
    ledger: createLedger(config.initialCash),
    perp: config.perpetual === undefined ? null : createPerpState(input),
    ...policies,
    history: { closes: (symbol) => markets[symbol]!.close, returns: [] },
    account: createAccountView(() => state),
    chooseLine: CROSSING_POLICIES.map((name) =>
      createFillPolicy(name === 'default' ? lineChoice(config.fill) : name, config),
    ),
    policy: CROSSING_POLICIES.indexOf(lineChoice(config.fill)),
    crossing: 0,
    writer: new RecordWriter({
      expected: 2 * decisions.rows + 64,
      limit: input.maxRecords ?? DEFAULT_MAX_RECORDS,
    }),
    fill: createFillScratch(),
    draft: createDraft(),
    cost: {
      symbol: '',
      side: 'buy',
      kind: 'entry',
      quantity: 0.5,
      price: 0.5,
      notional: 0.5,
      liquidity: 'taker',
      traded: 0.5,
    },
    slotMs: intervalMs(config.interval),
    equity: new Float64Array(slots),
    profit: new Float64Array(RANGE_SLOTS),
    asking: [],
    group: null,
    nextDecision: 0,
    nextOrder: 1,
    nextExpiry: Number.POSITIVE_INFINITY,
    nextLot: 1,
    pathFree: Number.NaN,
    submissionFree: Number.NaN,
    openLots: 0,
    isClosingAll: false,
    participation: config.execution.participation,
    asksOnLines: 'module' in config.fee || 'module' in config.slippage || policies.pricing.fill !== null,
    takesCloses: config.execution.marketFill === 'same_close',
    trailsByClose: config.execution.trailBasis === 'close',
    slot: 0,
    time: window.start,
    breach: null,
    tooManyOrders: null,
    ambiguity: [],
    ambiguityCount: 0,
    ambiguityDifference: 0,
  }
  return state
}

/** tau(slot): the open of a slot, ms UTC. */
export function slotTime(state: TimelineState, slot: number): number {
  if (state.slotMs !== null) return state.input.window.start + slot * state.slotMs
  return slotOpen(state.input.config.interval, state.input.window.firstSlot + slot)
}
