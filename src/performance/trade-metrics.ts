import { EPSILON, metricOf, missingMetric, type Metric, type MetricName } from './metric.ts'

const LOW_TRADES = 10

export const TRADE_METRICS = ['win_rate', 'profit_factor'] as const satisfies readonly MetricName[]
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
  const metrics: TradeMetrics = {
    win_rate: n === 0 ? missingMetric('win_rate', 'no_trades', context) : metricOf('win_rate', wins / n, context),
    profit_factor:
      n === 0
        ? missingMetric('profit_factor', 'no_trades', context)
        : losses === 0
          ? missingMetric('profit_factor', 'no_losses', context)
          : metricOf('profit_factor', won / Math.abs(lost), context),
  }
  return { metrics, counts }
}
