import type { Explanation, Fill, Trade } from '../../src/backtest/explanation.ts'
import type { Cell, PeerOutput } from './peer-scenarios.ts'

/** What makes a run equal to that of another engine, and where it is not. */
const PNL = 1e-12
const EQUITY = 1e-10

type Row = Readonly<Record<string, Cell>>

/** One fill an order, instant and price, as engines without lots have them. */
interface PlainFill {
  readonly symbol: string
  readonly time: number
  readonly side: string
  readonly quantity: number
  readonly price: number
  readonly fee: number
}

interface PlainTrade {
  readonly symbol: string
  readonly direction: string
  readonly entryTime: number
  readonly exitTime: number
  readonly quantity: number
  readonly entryPrice: number
  readonly fees: number
  readonly gross: number
  readonly net: number
}

/** How runs are laid beside those of a peer: lots as they are, or positions from flat to flat. */
export type TradeUnit = 'lot' | 'flat_to_flat'

export interface PeerRun {
  readonly explanation: Explanation
  readonly finalEquity: number
}

/** The unit in the last place of the larger of two numbers. */
function ulp(a: number, b: number): number {
  const larger = Math.max(Math.abs(a), Math.abs(b), Number.MIN_VALUE)
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, larger)
  view.setBigUint64(0, view.getBigUint64(0) + 1n)
  return view.getFloat64(0) - larger
}

function byTime(a: { time: number; symbol: string }, b: { time: number; symbol: string }): number {
  return a.time - b.time || (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0)
}

/** Within a bar engines work through their orders in an order of their own. */
function byBar(a: PlainFill, b: PlainFill): number {
  return byTime(a, b) || (a.side < b.side ? -1 : a.side > b.side ? 1 : a.price - b.price)
}

/** Those that end together in order of opening. */
function byExit(a: PlainTrade, b: PlainTrade): number {
  return byTime({ ...a, time: a.exitTime }, { ...b, time: b.exitTime }) || a.entryTime - b.entryTime
}

/** Several lots that one order closes have a fill each; elsewhere they have one together. */
function joinFills(fills: readonly Fill[]): PlainFill[] {
  const joined: (PlainFill & { order: number })[] = []
  for (const { symbol, time, side, quantity, price, fee, order } of fills) {
    const last = joined.at(-1)
    const isSame =
      last !== undefined && order !== 0 && last.order === order && last.time === time && last.price === price
    if (isSame) joined[joined.length - 1] = { ...last, quantity: last.quantity + quantity, fee: last.fee + fee }
    else joined.push({ symbol, time, side, quantity, price, fee, order })
  }
  return joined
}

function plainTrade(trade: Trade): PlainTrade {
  const { symbol, direction, entryTime, exitTime, quantity, entryPrice, fees, grossPnl, netPnl } = trade
  return { symbol, direction, entryTime, exitTime, quantity, entryPrice, fees, gross: grossPnl, net: netPnl }
}

/** Lots of a symbol that ended together as one trade, at their average price. */
function joinTrades(trades: readonly PlainTrade[]): PlainTrade[] {
  const joined: PlainTrade[] = []
  for (const trade of trades) {
    const at = joined.findIndex(({ symbol, exitTime }) => symbol === trade.symbol && exitTime === trade.exitTime)
    const first = joined[at]
    if (first === undefined) joined.push(trade)
    else {
      const quantity = first.quantity + trade.quantity
      const entryPrice = (first.quantity * first.entryPrice + trade.quantity * trade.entryPrice) / quantity
      const sums = { fees: first.fees + trade.fees, gross: first.gross + trade.gross, net: first.net + trade.net }
      joined[at] = { ...first, ...sums, quantity, entryPrice, entryTime: Math.min(first.entryTime, trade.entryTime) }
    }
  }
  return joined
}

function rowsOf({ columns, rows }: PeerOutput['fills']): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]!])))
}

/** Field by field; `slack` of a column is what its values may differ by. */
function compareRows(
  kind: string,
  ours: readonly object[],
  theirs: readonly object[],
  slack: (column: string, row: Row) => number | null,
): string[] {
  const differences: string[] = []
  if (ours.length !== theirs.length) differences.push(`${ours.length} ${kind}s, theirs ${theirs.length}`)
  for (let i = 0; i < Math.min(ours.length, theirs.length) && differences.length < 5; i++) {
    const own = ours[i] as Row
    const row = theirs[i] as Row
    for (const [column, their] of Object.entries(row)) {
      const value = own[column]!
      const allowed = typeof their === 'number' ? slack(column, row) : null
      const isEqual =
        value === their || (allowed !== null && typeof value === 'number' && Math.abs(value - Number(their)) <= allowed)
      if (!isEqual) differences.push(`${kind} ${i} ${column}: ${value}, theirs ${their} (${JSON.stringify(row)})`)
    }
  }
  return differences
}

/** Differences between a run and that of a peer; none: they are equal. */
export function comparePeer(run: PeerRun, output: PeerOutput, unit: TradeUnit): string[] {
  const { fills, trades } = run.explanation
  const theirFills = (rowsOf(output.fills) as unknown as PlainFill[]).sort(byBar)
  const theirTrades = (rowsOf(output.trades) as unknown as PlainTrade[]).sort(byExit)
  const closed = trades.map(plainTrade)
  const ownFills = (unit === 'lot' ? [...fills] : joinFills(fills)).sort(byBar)
  const ownTrades = (unit === 'lot' ? closed : joinTrades(closed)).sort(byExit)
  const differences = [
    ...compareRows('fill', ownFills, theirFills, (column, row) =>
      column === 'price' || column === 'fee' ? ulp(Number(row[column]), 0) : null,
    ),
    ...compareRows('trade', ownTrades, theirTrades, (column, row) => {
      const notional = Number(row['quantity']) * Number(row['entryPrice'])
      if (column === 'gross' || column === 'net') return PNL * notional
      if (column === 'fees') return 2 * ulp(Number(row[column]), 0)
      return column === 'entryPrice' ? ulp(Number(row[column]), 0) : null
    }),
  ]
  const away = Math.abs(run.finalEquity - output.finalEquity)
  if (away > EQUITY * Math.abs(output.finalEquity)) {
    differences.push(`final equity ${run.finalEquity}, theirs ${output.finalEquity}`)
  }
  const refused = run.explanation.refusals.filter(({ reason }) => reason === 'insufficient_cash').length
  if (refused !== output.refused)
    differences.push(`${refused} orders refused for want of cash, theirs ${output.refused}`)
  return differences
}
