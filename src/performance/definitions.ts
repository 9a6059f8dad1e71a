import type { MetricFlag, MetricName, MetricReason } from './metric.ts'

/** How a metric's value is to be shown. */
export type MetricUnit = 'percent' | 'number' | 'money' | 'duration'

export interface MetricDefinition {
  readonly label: string
  readonly unit: MetricUnit
  readonly formula: string
}

const CONFIDENCE = 'moving block bootstrap of the daily returns, 1,000 draws'

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
  drawdown_duration: {
    label: 'Longest drawdown',
    unit: 'duration',
    formula: 'longest time from a peak of E to the first E that is not below it again, base bars',
  },
  calmar: { label: 'Calmar', unit: 'number', formula: 'CAGR / |max drawdown|' },
  ulcer: { label: 'Ulcer index', unit: 'percent', formula: '√mean(drawdown²) over daily points, E_0 included' },
  omega: { label: 'Omega', unit: 'number', formula: 'Σ gains / Σ losses of the daily returns' },
  psr: {
    label: 'Probabilistic Sharpe',
    unit: 'percent',
    formula: 'Φ(SR·√(n − 1) / √(1 − γ₃·SR + (γ₄ − 1)/4·SR²)), SR = mean(r)/sd(r, ddof 1)',
  },
  dsr: { label: 'Deflated Sharpe', unit: 'percent', formula: 'PSR against the best of N trials without skill' },
  sharpe_ci_low: { label: 'Sharpe, 5 %', unit: 'number', formula: CONFIDENCE },
  sharpe_ci_high: { label: 'Sharpe, 95 %', unit: 'number', formula: CONFIDENCE },
  total_return_ci_low: { label: 'Total return, 5 %', unit: 'percent', formula: CONFIDENCE },
  total_return_ci_high: { label: 'Total return, 95 %', unit: 'percent', formula: CONFIDENCE },
  relative_return: { label: 'Over buy-and-hold', unit: 'percent', formula: 'difference of the total returns' },
  alpha: { label: 'Alpha', unit: 'percent', formula: '(1 + mean(r − rf − β·(b − rf)))^A − 1' },
  beta: { label: 'Beta', unit: 'number', formula: 'cov(r, b) / var(b) over daily returns' },
  correlation: { label: 'Correlation', unit: 'number', formula: 'Pearson, daily returns' },
  tracking_error: { label: 'Tracking error', unit: 'percent', formula: 'sd(r − b, ddof 1) · √A' },
  information_ratio: { label: 'Information ratio', unit: 'number', formula: 'mean(r − b) / sd(r − b, ddof 1) · √A' },
  exposure: { label: 'Time in market', unit: 'percent', formula: 'bars with a lot / bars' },
  gross_exposure: { label: 'Mean exposure', unit: 'percent', formula: 'mean of gross notional / E at the closes' },
  win_rate: { label: 'Win rate', unit: 'percent', formula: 'closed trades with net P&L > 0 / closed trades' },
  profit_factor: { label: 'Profit factor', unit: 'number', formula: 'Σ net wins / |Σ net losses| over closed trades' },
  payoff: { label: 'Payoff', unit: 'number', formula: 'average win / |average loss|' },
  expectancy: { label: 'Expectancy', unit: 'money', formula: 'mean net P&L of the closed trades' },
  sqn: { label: 'SQN', unit: 'number', formula: '√n · mean / sd(net P&L, ddof 1)' },
  kelly: { label: 'Kelly', unit: 'percent', formula: 'W − (1 − W) / payoff, W = win rate' },
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
  no_wins: 'no winning trade',
  no_losses: 'no loss',
  no_trials: 'a single run has no other trials',
  out_of_range: 'too large to be stated',
}

export const METRIC_FLAG_TEXTS: Readonly<Record<MetricFlag, string>> = {
  low_n: 'fewer than 10 trades',
  open: 'lasts still',
}
