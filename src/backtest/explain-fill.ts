import { RESOLVED } from './crossing.ts'
import type { CandleSeries } from '../candles/series.ts'
import { FILL_POLICIES, lineChoice } from '../policies/fill.ts'
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
export function whyOf(input: Pick<ExplainInput, 'series' | 'detail' | 'config'>, record: EngineRecord): FillWhy {
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
  const byDetail = record.path !== 'none' && record.needed > RESOLVED
  const seen = byDetail ? detailBar(input, record) : barOf(candles, row)
  return {
    rule: record.rule,
    ...seen,
    policy: byDetail ? 'detail' : policyOf(input, record),
    path: record.path,
    gross: record.gross,
    slippage: slippageOf(record),
    fee: record.fee,
    liquidity: record.liquidity,
  }
}

function policyOf(input: Pick<ExplainInput, 'config'>, record: EngineRecord): string {
  if (record.path !== 'none' && record.needed === RESOLVED) return 'exitResolver'
  return (record.path === 'none' ? undefined : FILL_POLICIES[record.needed - 1]) ?? lineChoice(input.config.fill)
}

type SeenBar = Pick<FillWhy, 'barTime' | 'open' | 'high' | 'low' | 'close'>

function barOf({ time, open, high, low, close }: CandleSeries, row: number): SeenBar {
  return { barTime: time[row]!, open: open[row]!, high: high[row]!, low: low[row]!, close: close[row]! }
}

/** The detail candle that a fill was booked in; its record carries the open. */
function detailBar(input: Pick<ExplainInput, 'detail'>, record: EngineRecord): SeenBar {
  const candles = input.detail?.[record.symbol]
  const row = candles === undefined || candles === null ? -1 : lowerBound(candles.time, candles.rows, record.needed)
  if (candles === undefined || candles === null || candles.time[row] !== record.needed) {
    throw new PlatformError(
      'invariant',
      `Cannot explain a fill: no detail candle at ${record.needed}, expected the one it was filled in`,
    )
  }
  return barOf(candles, row)
}
