import { knobsOf, opens } from './reference-engine-rules.ts'
import { metaOf, viewOf } from './reference-engine-users.ts'
import type { Decided, ReferenceInput, Run } from './reference-engine-types.ts'

/** The stop of a position at `price` that is met first when the price goes against it: stop loss or trailing stop. */
export function stopOf(decided: Decided, price: number): number | null {
  const { row } = decided
  const isLong = opens(decided) === 'long'
  const at = (percent: number): number => price * (isLong ? 1 - percent / 100 : 1 + percent / 100)
  const stops: number[] = []
  if (row.slPrice !== undefined) stops.push(row.slPrice)
  if (row.slPct !== undefined) stops.push(at(row.slPct))
  if (row.trailDistance !== undefined) stops.push(isLong ? price - row.trailDistance : price + row.trailDistance)
  if (row.trailPct !== undefined) stops.push(at(row.trailPct))
  if (stops.length === 0) return null
  return isLong ? Math.max(...stops) : Math.min(...stops)
}

/** P3 b: the target quantity, or why there is none. */
export function targetQuantity(
  run: Run,
  decided: Decided,
  k: number,
): number | 'no_stop' | 'no_volatility' | 'no_edge' {
  const { builtin, params } = run.input.config.sizing
  const { row, equity, close } = decided
  const percent = Number(params['percent'])
  if (row.size !== undefined) return row.size
  const sizing = run.input.users?.sizing
  if (sizing !== undefined) {
    const action = run.book.lots.some((lot) => lot.symbol === row.symbol) ? 'add' : 'open'
    const maxSize = 2 ** 53 * (knobsOf(run.input, row.symbol).step ?? 1)
    return sizing(metaOf(run, decided), action, { ...viewOf(run, equity, k), maxSize })
  }
  if (builtin === 'percentOfEquity') return (equity * percent) / 100 / close
  if (builtin === 'fixedNotional') return Number(params['notional']) / close
  if (builtin === 'fixedQuantity') return Number(params['quantity'])
  if (builtin === 'strength') return (equity * (percent * (row.confidence ?? 1))) / 100 / close
  if (builtin === 'riskPerTrade') {
    const reference = row.entryPrice ?? close
    const stop = stopOf(decided, reference)
    if (stop === null) return 'no_stop'
    const distance = opens(decided) === 'long' ? reference - stop : stop - reference
    if (distance <= 0) return 'no_stop'
    return (equity * percent) / 100 / distance
  }
  if (builtin === 'volatilityTarget') {
    const sd = deviation(run.input, decided, Number(params['period']))
    if (sd === null || sd <= 1e-12) return 'no_volatility'
    return (equity * percent) / 100 / sd / close
  }
  if (builtin !== 'kelly') throw new Error(`unknown sizing ${builtin}`)
  const window = Number(params['window'])
  if (run.book.trades.length < window) {
    run.input.onBranch?.('kelly before its window')
    return (equity * Number(params['startPercent'])) / 100 / close
  }
  const share = kelly(run.book.trades.slice(-window))
  if (!(share > 0)) return 'no_edge'
  run.input.onBranch?.('kelly after its window')
  return (equity * (Number(params['fraction']) * share)) / close
}

function deviation(input: ReferenceInput, decided: Decided, period: number): number | null {
  const { bar, symbol } = decided.row
  if (bar < period) return null
  const closes = input.bars[symbol]!.slice(bar - period, bar + 1).map((row) => row.close)
  const returns = closes.slice(1).map((close, i) => close / closes[i]! - 1)
  const mean = returns.reduce((sum, r) => sum + r, 0) / period
  const squares = returns.reduce((sum, r) => sum + (r - mean) * (r - mean), 0)
  return Math.sqrt(squares / (period - 1))
}

function kelly(returns: number[]): number {
  const mean = (values: number[]): number => values.reduce((sum, r) => sum + r, 0) / values.length
  const wins = returns.filter((r) => r > 0)
  const losses = returns.filter((r) => r < 0)
  if (wins.length === 0) return 0
  const w = wins.length / returns.length
  if (losses.length === 0) return w
  const payoff = mean(wins) / -mean(losses)
  return w - (1 - w) / payoff
}
