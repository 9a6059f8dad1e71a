import { EPSILON, metricOf, missingMetric, type Metric, type MetricName, type MetricReason } from './metric.ts'
import { meanOf, sampleDeviation } from './statistics.ts'

const LOW_TRADES = 10

export const TRADE_METRICS = [
  'win_rate',
  'profit_factor',
  'payoff',
  'expectancy',
  'sqn',
  'kelly',
] as const satisfies readonly MetricName[]
export type TradeMetricName = (typeof TRADE_METRICS)[number]
export type TradeMetrics = Readonly<Record<TradeMetricName, Metric>>

export interface TradeCounts {
  readonly trades: number
  readonly wins: number
  readonly losses: number
  readonly breakEven: number
  /** Mean net P&L of the wins and of the losses (negative), quote currency; null without any. */
  readonly averageWin: number | null
  readonly averageLoss: number | null
}

/**
 * Ratios and counts over closed trades. `netPnl[i]` is net of fees, funding and slippage; amounts up to 1e-12·E0 are
 * zero, so a trade of that size is break-even. A win is strictly > 0.
 */
export function tradeMetrics(
  netPnl: Float64Array,
  initialCash: number,
): { metrics: TradeMetrics; counts: TradeCounts } {
  const zero = EPSILON * initialCash
  let wins = 0
  let losses = 0
  let won = 0
  let lost = 0
  for (let i = 0; i < netPnl.length; i++) {
    const net = netPnl[i]!
    if (net > zero) {
      wins++
      won += net
    } else if (net < -zero) {
      losses++
      lost += net
    }
  }
  const n = netPnl.length
  const context = { n, flags: n > 0 && n < LOW_TRADES ? (['low_n'] as const) : [] }
  const counts: TradeCounts = {
    trades: n,
    wins,
    losses,
    breakEven: n - wins - losses,
    averageWin: wins > 0 ? won / wins : null,
    averageLoss: losses > 0 ? lost / losses : null,
  }
  const stated = (name: TradeMetricName, own: MetricReason | null, value: () => number): Metric => {
    const reason = n === 0 ? 'no_trades' : own
    return reason === null ? metricOf(name, value(), context) : missingMetric(name, reason, context)
  }
  const unpaid: MetricReason | null = wins === 0 ? 'no_wins' : losses === 0 ? 'no_losses' : null
  const payoff = won / wins / Math.abs(lost / losses)
  const mean = n === 0 ? 0 : meanOf(netPnl)
  const deviation = n < 2 ? 0 : sampleDeviation(netPnl, mean)
  const metrics: TradeMetrics = {
    win_rate: stated('win_rate', null, () => wins / n),
    profit_factor: stated('profit_factor', losses === 0 ? 'no_losses' : null, () => won / Math.abs(lost)),
    payoff: stated('payoff', unpaid, () => payoff),
    expectancy: stated('expectancy', null, () => (Math.abs(mean) <= zero ? 0 : mean)),
    sqn: stated('sqn', deviation <= zero ? 'zero_vol' : null, () => (Math.sqrt(n) * mean) / deviation),
    kelly: stated('kelly', unpaid, () => wins / n - (1 - wins / n) / payoff),
  }
  return { metrics, counts }
}
