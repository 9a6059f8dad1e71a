import type { Pricing } from '../execution/pricing.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { AccountView } from '../policies/account-view.ts'
import type { CapacityPolicy } from '../policies/capacity.ts'
import type { CostEvent } from '../policies/fee.ts'
import type { ChooseLine } from '../policies/fill.ts'
import type { RiskPolicy } from '../policies/risk.ts'
import type { SizingHistory, SizingModel } from '../policies/sizing.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import type { Executor } from '../portfolio/executor.ts'
import type { PendingClose } from '../portfolio/pending-close.ts'
import type { RunConfig } from '../protocol/run-config.ts'
import { slotOpen } from '../candles/interval.ts'
import type { DecisionColumns } from './decision-columns.ts'
import type { DecisionLog } from './decision-log.ts'
import type { DecisionOrder } from './decision-order.ts'
import type { PerpState } from './perp-state.ts'
import type { LivePortfolio } from './portfolio-live.ts'
import { type PortfolioCode } from './portfolio-live.ts'
import type { RecordWriter } from './record-stream.ts'
import type { Draft, FillScratch } from './scratch.ts'
import type { TimelineData } from './timeline-data.ts'
import type { UserCode } from './user-port.ts'
import type { ExitOrder, Proposal, ProposalGroup, WorkingOrder } from '../portfolio/orders.ts'

type SeldomData = 'marks' | 'funding' | 'detail'

/** Of the data what is seldom there may be left out. */
export interface TimelineInput extends Omit<TimelineData, SeldomData>, Partial<Pick<TimelineData, SeldomData>> {
  /** Its symbols are those of the lists. */
  readonly config: RunConfig
  readonly decisions: DecisionLog
  /** Slots done, slots in all, and the open of the next slot (ms UTC); about 100 calls a run. */
  readonly onProgress?: (done: number, total: number, barTime: number) => void
  /** What a policy of the user said to a refusal, and the index of its record; not part of the stream. */
  readonly onRefusalText?: (record: number, text: string) => void
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
  /** Exit legs that wait for their lot or their time, in decision number order. */
  exitLegs: Proposal[]
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
  /** Order types by code of the user (F13); null: there are none. */
  readonly executor: Executor | null
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

/** tau(slot): the open of a slot, ms UTC. */
export function slotTime(state: TimelineState, slot: number): number {
  if (state.slotMs !== null) return state.input.window.start + slot * state.slotMs
  return slotOpen(state.input.config.interval, state.input.window.firstSlot + slot)
}
