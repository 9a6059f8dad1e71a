/*
 * A proposal played over candles that are all known: what it would have bought and sold, by the rules and with the code of
 * phase 2, without costs and with as much cash as it needs. For looking at finished data, outside runs: a strategy never
 * has it, since in a run nothing is resolved ahead (P2).
 */
import { packDecisions } from '../backtest/decision-codec.ts'
import type { DecisionRow } from '../backtest/decision-log.ts'
import { playTimeline } from '../backtest/play-timeline.ts'
import { decodeRecords } from '../backtest/record-stream.ts'
import { resolveWindow } from '../backtest/window.ts'
import type { CandleSeries } from '../candles/series.ts'
import { PlatformError } from '../errors.ts'
import { plainPerpetual } from '../instruments/plain-perpetual.ts'
import type { FillPolicyName } from '../policies/fill.ts'
import { DEFAULT_EXECUTION } from '../protocol/profiles.ts'
import type { RunConfig } from '../protocol/run-config.ts'
import type { TradeEvent } from './trade-event.ts'
import type { OrderLeg, TradeProposal } from './trade-proposal.ts'

/** Smaller numbers of `when` are bars, larger ones ms UTC. */
const FIRST_TIME = 1e9

export interface EventOptions {
  /** Row at whose close the proposal is decided; default 0. */
  readonly at?: number
  /** Default worst. */
  readonly fill?: Exclude<FillPolicyName, 'detail'>
}

/**
 * Entries and exits of a proposal over `candles`, in their order. Throws `invalid_config` for one that needs code (function legs,
 * exit resolvers), is of another symbol, or does not begin with an entry.
 */
export function buildEvents(proposal: TradeProposal, candles: CandleSeries, options: EventOptions = {}): TradeEvent[] {
  return play(proposal, candles, { ...options, endOfData: 'open' })
}

/** As buildEvents, and what is still open at the last close is closed there. */
export function realize(proposal: TradeProposal, candles: CandleSeries, options: EventOptions = {}): TradeEvent[] {
  return play(proposal, candles, { ...options, endOfData: 'close' })
}

function play(
  proposal: TradeProposal,
  candles: CandleSeries,
  options: EventOptions & { endOfData: 'open' | 'close' },
): TradeEvent[] {
  const { meta } = proposal
  const { at = 0, fill = 'worst', endOfData } = options
  const { symbol, interval } = candles
  if (meta.symbol !== symbol) throw refused(`it is of ${meta.symbol}`, `candles of it, not of ${symbol}`)
  const isShort = meta.direction === 'SELL'
  const config = { ...configOf(candles, isShort), fill, endOfData }
  const window = resolveWindow({ interval, start: null, end: null, lookback: 0, series: [candles] })
  if (window === null) return []
  const decisions = packDecisions(rowsOf(proposal, at))
  const instruments = [isShort ? plainPerpetual(symbol, '0.001') : null]
  const output = playTimeline({ config, series: [candles], window, lookback: 0, instruments, decisions })
  return decodeRecords(output.records)
    .filter(({ kind }) => kind === 'fill')
    .map(({ time, price, quantity, reason }) => {
      const isEntry = reason === 'entry'
      return { ts: time, price, quantity, event: isEntry ? 'open' : 'close', reason, isEntry, isExit: !isEntry, meta }
    })
}

function refused(state: string, expected: string): PlatformError {
  return new PlatformError('invalid_config', `Cannot build events of the proposal: ${state}, expected ${expected}`)
}

/** The rows that the proposal would be in a decision log. */
function rowsOf({ meta, legs }: TradeProposal, bar: number): DecisionRow[] {
  const { direction, entryTime, tpPrice, slPrice, tpPct, slPct, crossingPolicy, exitResolver } = meta
  if (exitResolver !== undefined) throw refused('its exitResolver is a function', 'none: only a run asks code')
  if (legs[0]?.side !== direction) throw refused('its first leg does not enter', 'an entry first')
  const shared = given({ entryTime, tpPrice, slPrice, tpPct, slPct, crossingPolicy })
  return legs.map((leg, sequence) => ({
    unit: 0,
    symbol: 0,
    bar,
    sequence,
    signal: leg.side,
    ...(leg.side === direction ? { intent: 'open' as const, ...shared } : { intent: 'close' as const }),
    ...legOf(leg),
    ...(legs.length > 1 ? { leg: sequence + 1 } : {}),
  }))
}

function legOf({ quantity, price, type, timeInForce, expiresAfterBars, when }: OrderLeg): Partial<DecisionRow> {
  if (typeof price === 'object' || typeof when === 'object') {
    throw refused('a leg has a function', 'numbers: only a run asks code')
  }
  const isGtd = timeInForce === undefined && expiresAfterBars !== undefined
  const live = when === undefined || when === 0 ? {} : when < FIRST_TIME ? { liveBar: when } : { liveTime: when }
  const asked = { size: quantity, entryPrice: price, entryType: type, expiresAfterBars }
  return { ...given({ ...asked, timeInForce: isGtd ? ('gtd' as const) : timeInForce }), ...live }
}

/** The fields that are there. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** Cash for anything, so that no order is shrunk and no position liquidated. */
const CASH = 1e15

function configOf({ symbol, interval }: CandleSeries, isShort: boolean): RunConfig {
  return {
    strategy: { builtin: 'BuyAndHold', params: {} },
    files: [],
    market: isShort ? 'perpetual' : 'spot',
    ...(isShort ? { perpetual: SHORTS } : {}),
    symbols: [symbol],
    interval,
    start: null,
    end: null,
    initialCash: CASH,
    fee: { builtin: 'zero', params: {} },
    slippage: { builtin: 'bps', params: { bps: 0 } },
    sizing: { builtin: 'fixedQuantity', params: { quantity: 1 } },
    capacity: { builtin: 'unlimited', params: {} },
    risk: { builtin: 'none', params: {} },
    fill: 'worst',
    profile: 'hotcell/v1',
    endOfData: 'open',
    execution: EXECUTION,
    data: { gaps: 'mark', maxSyntheticShare: 1, maxGapBars: 1_000_000 },
    metrics: { periodsPerYear: null, riskFree: 0 },
    seed: '0',
    args: {},
  }
}

const SHORTS: NonNullable<RunConfig['perpetual']> = {
  leverage: 1,
  marginMode: 'cross',
  allowShort: true,
  onOpposite: 'close',
  mark: 'last',
  funding: 'none',
}

const EXECUTION: RunConfig['execution'] = { ...DEFAULT_EXECUTION, onShortfall: 'refuse', maxWaitBars: 1_000_000 }
