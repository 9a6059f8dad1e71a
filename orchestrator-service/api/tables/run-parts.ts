import type { Result } from '../../../src/protocol/result.ts'

/** A column: `number` (Float64, NaN where there is no value) or `word`. */
export interface ColumnSpec {
  readonly kind: 'number' | 'word'
  readonly description: string
  /** Tables of older runs lack it: their cells are empty. */
  readonly mayLack?: true
}

export interface PartSpec {
  readonly description: string
  readonly columns: Readonly<Record<string, ColumnSpec>>
}

const number = (description: string): ColumnSpec => ({ kind: 'number', description })
const word = (description: string): ColumnSpec => ({ kind: 'word', description })

const FILLS: PartSpec = {
  description: 'Every fill with the rule and the bar that gave it its price',
  columns: {
    id: number('1, 2, …: order of booking'),
    order: number('Order that was filled'),
    lot: number('Lot that was opened or closed'),
    decision: number('Number of the decision that caused it; 0: none'),
    time: number('Instant of the fill, ms UTC'),
    quantity: number('Base quantity'),
    price: number('Net of slippage'),
    fee: number('Quote currency'),
    slippage: number('Cost of slippage, quote currency'),
    realised: number('P&L of a closing fill, gross of fees; 0 for an entry'),
    why_bar_time: number('Open time of the bar, ms UTC'),
    why_open: number('Open of the bar'),
    why_high: number('High of the bar'),
    why_low: number('Low of the bar'),
    why_close: number('Close of the bar'),
    why_gross: number('Price before slippage'),
    why_slippage: number('Price against gross, against us if positive'),
    symbol: word('Symbol'),
    side: word('buy or sell'),
    type: word('Order type'),
    reason: word('entry, or why it was closed'),
    why_rule: word('Fill rule'),
    why_policy: word('Fill policy of the run'),
    why_path: word('Line through the bar that was booked'),
    why_liquidity: word('maker, taker or none'),
  },
}

const TRADES: PartSpec = {
  description: 'Closed lots; the exits of a lot are its closing fills',
  columns: {
    lot: number('Number of the lot'),
    decision: number('Number of the decision that opened it'),
    quantity: number('Base quantity'),
    entry_fill: number('Id of the opening fill'),
    entry_time: number('ms UTC'),
    entry_price: number('Net of slippage'),
    exit_time: number('Of the last exit, ms UTC'),
    exit_price: number('Weighted by quantity over the exits'),
    gross_pnl: number('Net of slippage, gross of fees, quote currency'),
    fees: number('Quote currency'),
    funding: number('Received less paid, quote currency'),
    slippage: number('Quote currency'),
    net_pnl: number('Quote currency'),
    return_on_entry: number('net_pnl over the notional of the entry'),
    exits: number('Number of exits'),
    symbol: word('Symbol'),
    direction: word('long or short'),
    reasons: word('Reasons of the exits'),
  },
}

const ORDERS: PartSpec = {
  description: 'Every order from its admission to its end',
  columns: {
    order: number('Number of the order'),
    decision: number('Number of the decision; 0: none'),
    time: number('When it was placed, ms UTC'),
    quantity: number('Asked quantity; 0: all of the lot'),
    price: number('Limit or stop price; empty for a market order'),
    limit: number('Limit of a stop_limit, whose price is that of its stop; else empty'),
    reserved: number('Cash that it reserved'),
    end_time: number('ms UTC; empty while it works'),
    filled: number('Filled quantity'),
    kind: word('entry, close, bracket or end_of_data'),
    symbol: word('Symbol'),
    side: word('buy or sell'),
    type: word('Order type'),
    state: word('working, filled, cancelled or refused'),
    reason: word('Why it ended as it did'),
  },
}

const REFUSALS: PartSpec = {
  description: 'What was asked for and refused, with what it needed and what there was',
  columns: {
    time: number('ms UTC'),
    step: number('Step of the timeline'),
    decision: number('Number of the decision'),
    order: number('0: it never became an order'),
    quantity: number('Asked quantity'),
    needed: number('Cash or slots that it needed'),
    available: number('Cash or slots that there were'),
    symbol: word('Symbol'),
    side: word('buy or sell'),
    reason: word('Reason'),
    detail: {
      ...word('Why, in the words of a policy of the user: text of a stranger; empty: it said nothing, or is built in'),
      mayLack: true,
    },
  },
}

/** Tables of a run as they can be downloaded. Names and order of the columns are those of the stored Arrow files. */
export const RUN_PARTS = {
  trades: TRADES,
  equity: {
    description: 'Equity at the close of every base bar, beside its benchmark',
    columns: {
      time: number('Close of the bar, ms UTC'),
      equity: number('Quote currency'),
      benchmark: number('The benchmark at the same instant'),
    },
  },
  fills: FILLS,
  orders: ORDERS,
  refusals: REFUSALS,
  funding: {
    description: 'Funding of each lot (at most 10,000 payments are listed); spot runs have none',
    columns: {
      time: number('When it was charged, ms UTC'),
      published: number('Time of the row as published, ms UTC'),
      lot: number('Lot that paid or got it'),
      quantity: number('Base quantity of the lot'),
      mark: number('Mark price'),
      rate: number('Funding rate'),
      payment: number('Quote currency, negative: paid'),
      insured: number('What the isolated wallet could not pay'),
      symbol: word('Symbol'),
      direction: word('long or short'),
      flags: word('coarse_funding, scheduled_funding, last_close, insured'),
    },
  },
  ambiguity: {
    description: 'Bars in which the order of high and low decides, with both ends (at most 10,000 are listed)',
    columns: {
      time: number('Open of the bar, ms UTC'),
      high: number('Equity change along the better line'),
      low: number('Equity change along the worse line'),
      symbol: word('Symbol'),
    },
  },
} as const satisfies Record<string, PartSpec>

export type RunPart = keyof typeof RUN_PARTS
export const RUN_PART_NAMES = Object.keys(RUN_PARTS) as RunPart[]

/** Parts that lie beside the result as Arrow files; the other ones are made from the result. */
const STORED = ['trades', 'equity', 'fills', 'orders', 'refusals'] as const
export type StoredPart = (typeof STORED)[number]

export function isStored(part: RunPart): part is StoredPart {
  return (STORED as readonly RunPart[]).includes(part)
}

/** Ambiguous bars of a result as columns. */
export function ambiguityColumns(bars: NonNullable<Result['ambiguity']>['bars']) {
  return {
    time: Float64Array.from(bars, (bar) => bar.time),
    high: Float64Array.from(bars, (bar) => bar.high),
    low: Float64Array.from(bars, (bar) => bar.low),
    symbol: bars.map((bar) => bar.symbol),
  }
}

/** Funding payments of a result as columns. */
export function fundingColumns(rows: Result['funding']) {
  return {
    time: Float64Array.from(rows, (row) => row.time),
    published: Float64Array.from(rows, (row) => row.published),
    lot: Float64Array.from(rows, (row) => row.lot),
    quantity: Float64Array.from(rows, (row) => row.quantity),
    mark: Float64Array.from(rows, (row) => row.mark),
    rate: Float64Array.from(rows, (row) => row.rate),
    payment: Float64Array.from(rows, (row) => row.payment),
    insured: Float64Array.from(rows, (row) => row.insured),
    symbol: rows.map((row) => row.symbol),
    direction: rows.map((row) => row.direction),
    flags: rows.map((row) => row.flags.join(' ')),
  }
}
