import { FILL_POLICIES } from '../policies/fill.ts'
import { PlatformError } from '../errors.ts'
import type { ExplainInput, FillWhy } from './explanation.ts'
import type { EngineRecord } from './records.ts'
import { lowerBound } from './window.ts'

/** Price against gross; a liquidation has none: its two prices are those of liquidation and bankruptcy. */
function slippageOf(record: EngineRecord): number {
  if (record.rule === 'L3') return 0
  return (record.side === 'buy' ? record.price - record.gross : record.gross - record.price) + 0
}

/**
 * Joins a fill record with the bar it was priced in.
 * @throws PlatformError invariant if there is no such bar
 */
export function whyOf(input: Pick<ExplainInput, 'series' | 'config'>, record: EngineRecord): FillWhy {
  const candles = input.series[record.symbol]
  if (candles === undefined) {
    throw new PlatformError(
      'invariant',
      `Cannot explain a fill: symbol ${record.symbol} is unknown, expected a symbol of the run`,
    )
  }
  // A fill of step 1 happens at the instant at which its bar ended; all others lie in the bar that opens then, but for
  // liquidations, which may come while a symbol has no bar.
  const next = lowerBound(candles.time, candles.rows, record.time)
  const opensNow = next < candles.rows && candles.time[next] === record.time
  const isForced = record.rule === 'L3' || record.rule === 'L4'
  const row = record.step === 1 || (isForced && !opensNow) ? next - 1 : next
  if (row < 0 || row >= candles.rows || (row === next && !opensNow)) {
    throw new PlatformError(
      'invariant',
      `Cannot explain a fill of "${candles.symbol}": no bar at ${record.time}, expected the bar it was filled in`,
    )
  }
  return {
    rule: record.rule,
    barTime: candles.time[row]!,
    open: candles.open[row]!,
    high: candles.high[row]!,
    low: candles.low[row]!,
    close: candles.close[row]!,
    policy: (record.path === 'none' ? undefined : FILL_POLICIES[record.needed - 1]) ?? input.config.fill,
    path: record.path,
    gross: record.gross,
    slippage: slippageOf(record),
    fee: record.fee,
    liquidity: record.liquidity,
  }
}
