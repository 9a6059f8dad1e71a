import { BaseStrategy, type Decision, type DecisionContext, type IndicatorRequest, type Interval } from 'hotcell'

/** Buys dips of the base interval only while the day's close is above its average over `days` days; leaves when it is not. */
export default class TrendFilter extends BaseStrategy<{ days: number; period: number; low: number }> {
  static params = {
    days: { type: 'integer', default: 10, minimum: 2, maximum: 200 },
    period: { type: 'integer', default: 7, minimum: 2, maximum: 100, description: 'bars of RSI' },
    low: { type: 'number', default: 30, minimum: 0, maximum: 100 },
  }

  override requiredIntervals(): Interval[] {
    return ['1d']
  }

  override requiredIndicators(): IndicatorRequest[] {
    return [
      { id: 'trend', kind: 'sma', params: { period: this.params.days }, interval: '1d' },
      { id: 'rsi', kind: 'rsi', params: { period: this.params.period } },
    ]
  }

  // Counted in bars of the run, here of an hour: the days of the average, and the first one, which is rarely whole
  override requiredLookback() {
    return 24 * (this.params.days + 1)
  }

  override decide({ index, indicators, higher }: DecisionContext<{ trend: 'sma'; rsi: 'rsi' }>): Decision | null {
    const day = higher('1d')
    const isUp = day.close[day.index]! > indicators.trend[index]!
    const rsi = indicators.rsi
    if (!isUp) return rsi[index]! > 50 ? { signal: 'SELL' } : null
    const dipped = rsi[index - 1]! <= this.params.low && rsi[index]! > this.params.low
    return dipped ? { signal: 'BUY', slPct: 4, tpPct: 6 } : null
  }
}
