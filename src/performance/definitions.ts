import type { MetricFlag, MetricName, MetricReason } from './metric.ts'

/** How a metric's value is to be shown. */
export type MetricUnit = 'percent' | 'number'

export interface MetricDefinition {
  readonly label: string
  readonly unit: MetricUnit
  readonly formula: string
}

/** What each metric is, in words that stand beside its value. E: equity, r: daily returns, Y: years of 365 days. */
export const METRIC_DEFINITIONS: Readonly<Record<MetricName, MetricDefinition>> = {
  total_return: { label: 'Total return', unit: 'percent', formula: 'E_T / E_0 − 1' },
  cagr: { label: 'CAGR', unit: 'percent', formula: '(E_T / E_0)^(1/Y) − 1, Y = (last close − first open) / 365 days' },
  volatility: { label: 'Volatility', unit: 'percent', formula: 'sd(r, ddof 1) · √A over daily returns' },
  sharpe: { label: 'Sharpe', unit: 'number', formula: 'mean(r − rf) / sd(r − rf, ddof 1) · √A' },
  sortino: { label: 'Sortino', unit: 'number', formula: 'mean(r − rf) / √mean(min(r − rf, 0)²) · √A, over all days' },
  max_drawdown: {
    label: 'Max drawdown',
    unit: 'percent',
    formula: 'min over base bars of E_t / max E so far − 1, from E_0',
  },
  calmar: { label: 'Calmar', unit: 'number', formula: 'CAGR / |max drawdown|' },
  win_rate: { label: 'Win rate', unit: 'percent', formula: 'closed trades with net P&L > 0 / closed trades' },
  profit_factor: { label: 'Profit factor', unit: 'number', formula: 'Σ net wins / |Σ net losses| over closed trades' },
}

/** Why a value is missing, as a user reads it. */
export const METRIC_REASON_TEXTS: Readonly<Record<MetricReason, string>> = {
  bankrupt: 'equity reached zero',
  short_window: 'the window is under 30 days, too short to annualise',
  few_returns: 'fewer than 20 daily returns',
  zero_vol: 'returns do not vary',
  no_downside: 'no day below the risk-free rate',
  no_drawdown: 'equity never fell below its peak',
  no_trades: 'no closed trade',
  no_losses: 'no losing trade',
  out_of_range: 'too large to be stated',
}

export const METRIC_FLAG_TEXTS: Readonly<Record<MetricFlag, string>> = {
  low_n: 'fewer than 10 trades',
}
