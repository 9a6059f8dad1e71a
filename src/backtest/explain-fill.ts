import { FILL_POLICIES } from '../policies/fill.ts'
import { PlatformError } from '../errors.ts'
import type { ExplainInput, FillWhy } from './explanation.ts'
import type { EngineRecord } from './records.ts'
import { lowerBound } from './window.ts'

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
  // A close at the end of data happens at the instant at which its bar ended; all other fills lie in the bar that opens then.
  const atEnd = record.rule === 'T6'
  const row = lowerBound(candles.time, candles.rows, record.time) - (atEnd ? 1 : 0)
  if (row < 0 || row >= candles.rows || (!atEnd && candles.time[row] !== record.time)) {
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
    slippage: (record.side === 'buy' ? record.price - record.gross : record.gross - record.price) + 0,
    fee: record.fee,
    liquidity: record.liquidity,
  }
}
