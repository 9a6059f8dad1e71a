import type { Explanation } from '../../src/backtest/explanation.ts'
import type { RunAnalysis } from './analyse-run.ts'
import type { CodedColumns } from './coded-columns.ts'
import { fillColumns, orderColumns, refusalColumns, tradeColumns } from './run-tables.ts'

/** The most that a report marks and lists. */
const SHOWN_FILLS = 50_000
const SHOWN_TRADES = 20_000

const TABLES = ['fills', 'trades', 'orders', 'refusals'] as const
type RunTable = (typeof TABLES)[number]

/**
 * A verified run as it leaves the verification thread. Fills, trades, orders and refusals are columns: objects would be
 * copied one by one, and a large run has a million, for which the event loop would stand still for seconds.
 */
export interface AnalysedRun
  extends
    Pick<RunAnalysis, 'summary' | 'benchmark' | 'time' | 'equity'>,
    Pick<Explanation, 'lots' | 'funding' | 'liquidations'> {
  readonly tables: Readonly<Record<RunTable, CodedColumns>>
  readonly rows: Readonly<Record<RunTable, number>>
  /** The first ones, as many as a report has place for. */
  readonly shown: Pick<Explanation, 'fills' | 'trades'>
}

export function packRun({ explanation, summary, benchmark, time, equity }: RunAnalysis): AnalysedRun {
  const { fills, trades, orders, refusals, lots, funding, liquidations } = explanation
  return {
    summary,
    benchmark,
    time,
    equity,
    lots,
    funding,
    liquidations,
    tables: {
      fills: fillColumns(fills),
      trades: tradeColumns(trades),
      orders: orderColumns(orders),
      refusals: refusalColumns(refusals),
    },
    rows: { fills: fills.length, trades: trades.length, orders: orders.length, refusals: refusals.length },
    shown: { fills: fills.slice(0, SHOWN_FILLS), trades: trades.slice(0, SHOWN_TRADES) },
  }
}

/** Memory of its tables, which can be handed over instead of copied. */
export function buffersOf({ tables }: AnalysedRun): ArrayBuffer[] {
  return TABLES.flatMap((table) =>
    Object.values(tables[table]).map((column) => ('codes' in column ? column.codes : column).buffer as ArrayBuffer),
  )
}
