/* What code of the user is told of a proposal and of the account: plain data, made anew for each call. */
import type { ProposalAsk } from '../policies/proposal-ask.ts'
import type { SymbolBook } from '../portfolio/book.ts'
import type { SymbolMarket } from '../portfolio/symbol-market.ts'
import type { TimelineState } from './timeline-state.ts'
import type { PlainData } from './user-port.ts'
import type { WorkingOrder } from '../portfolio/orders.ts'

/** The part of the state that is told. */
export type Account = Pick<TimelineState, 'time' | 'ledger' | 'held' | 'working' | 'books' | 'input' | 'account'>

type PlainRecord = { readonly [name: string]: PlainData | undefined }

export const sideName = (side: number): 'long' | 'short' => (side > 0 ? 'long' : 'short')

/** Absent fields are absent for the user too, never NaN. */
export const given = (value: number): number | undefined => (value === value ? value : undefined)

/** A row of the candles of a symbol. */
export function barOf({ series, open, high, low, close, volume }: SymbolMarket, row: number) {
  return {
    time: series.time[row]!,
    open: open[row]!,
    high: high[row]!,
    low: low[row]!,
    close: close[row]!,
    volume: volume[row]!,
  }
}

/** A proposal as capacity and risk see it. */
export function proposalOf({ input }: Account, ask: ProposalAsk): PlainRecord {
  return {
    symbol: input.config.symbols[ask.symbol]!,
    side: sideName(ask.side),
    close: ask.close,
    size: given(ask.size),
    entryPrice: given(ask.entryPrice),
    tpPrice: given(ask.tpPrice),
    tpPct: given(ask.tpPct),
    slPrice: given(ask.slPrice),
    slPct: given(ask.slPct),
    trailDistance: given(ask.trailDistance),
    trailPct: given(ask.trailPct),
    confidence: given(ask.confidence),
  }
}

/** The account as of now; `equity`: of which instant the caller says. */
export function viewOf({ time, ledger, held, working, input }: Account, equity: number): PlainRecord {
  const nameOf = (index: number): string => input.config.symbols[index]!
  const positionOf = ({ index, quantity, lots }: SymbolBook): PlainData => ({
    symbol: nameOf(index),
    side: sideName(lots[0]!.side),
    quantity,
  })
  const lotsOf = ({ index, lots }: SymbolBook): PlainData[] =>
    lots.map(({ id, side, quantity, entry }) => ({ id, symbol: nameOf(index), side: sideName(side), quantity, entry }))
  const orderOf = ({ id, proposal, quantity }: WorkingOrder): PlainData => ({
    id,
    symbol: nameOf(proposal.symbol),
    side: sideName(proposal.side),
    quantity,
  })
  return {
    time,
    cash: ledger.cash,
    equity,
    positions: held.map(positionOf),
    lots: held.flatMap(lotsOf),
    orders: working.map(orderOf),
  }
}
