import type { DetailMatch } from '../candles/detail.ts'
import { symbolRules } from '../execution/rounding.ts'
import { createLedger } from '../ledger/ledger.ts'
import { createFillPolicy, lineChoice } from '../policies/fill.ts'
import { createBook } from '../portfolio/book.ts'
import { createDetailBars, matchDetailBars, type DetailBars } from '../portfolio/detail-bars.ts'
import { createMarkColumns, type MarkColumns } from '../portfolio/mark-columns.ts'
import { createSymbolMarket, type SymbolMarket } from '../portfolio/symbol-market.ts'
import { intervalMs } from '../candles/interval.ts'
import { createAccountView } from './account-view.ts'
import { decisionColumns } from './decision-columns.ts'
import { CROSSING_POLICIES } from './decision-log.ts'
import { checkExecutorNames, decisionRanks, orderDecisions } from './decision-order.ts'
import { createPerpState } from './perp-state.ts'
import { LivePortfolio } from './portfolio-live.ts'
import { RecordWriter } from './record-stream.ts'
import { createDraft, createFillScratch } from './scratch.ts'
import { NO_USER_CODE } from './user-port.ts'
import { loadPolicies, refuseVolumeless } from './run-policies.ts'
import { RANGE_SLOTS, type TimelineInput, type TimelineState } from './timeline-state.ts'

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
  checkExecutorNames(decisions, Object.keys(config.executors ?? {}))
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
    exitLegs: [],
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
