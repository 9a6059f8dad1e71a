import type { Interval } from '../candles/interval.ts'
import type { Instrument } from '../instruments/instrument.ts'
import type { FlatJson } from '../protocol/run-config.ts'
import type { Decision, DecisionAnswer, DecisionContext, FitHistory, IndicatorRequest } from './decision-types.ts'
import type { Portfolio } from './portfolio-types.ts'

export type StrategyParams = FlatJson

/**
 * What every strategy extends. All methods but `decide` have defaults. The engine calls `setParams` once after
 * construction, `reset` once before the first `decide`.
 */
export class BaseStrategy<Params extends object = StrategyParams> {
  params: Params

  constructor(params?: Params) {
    this.params = params ?? ({} as Params)
  }

  /** Bars between two calls of `fit`; 0 or absent: it is called once, before the first bar. */
  declare refitEvery?: number

  /** Called once per instant at which a symbol of the unit closes a bar: what to do, or null. */
  decide(_context: DecisionContext): DecisionAnswer {
    return null
  }

  /** A strategy that has it is a portfolio strategy: called once per instant with the whole account, in place of `decide`. */
  onBar?(portfolio: Portfolio): void

  /** Disjoint groups of symbols that are decided on together; default: one unit per symbol. */
  workUnits(symbols: string[]): string[][] {
    return symbols.map((symbol) => [symbol])
  }

  /** Bars before the first decision; default: the longest indicator period. */
  requiredLookback(): number {
    let longest = 0
    for (const period of Object.values(this.indicatorPeriods())) if (period > longest) longest = period
    return longest
  }

  /** Which of the run's symbols are traded. */
  filterSymbols(symbols: string[], _instruments: (Instrument | null)[]): string[] {
    return symbols
  }

  /** Name -> length in bars. */
  indicatorPeriods(): Record<string, number> {
    return {}
  }

  /** Indicators that are computed for the strategy and read in `decide`; asked once, with the symbols that are traded. */
  requiredIndicators(_symbols: string[], _instruments: (Instrument | null)[]): IndicatorRequest[] {
    return []
  }

  /** Higher intervals that `decide` reads with `context.higher`. */
  requiredIntervals(): Interval[] {
    return []
  }

  /** Learns from the bars that have closed: before the first `decide`, and every `refitEvery` bars. */
  fit(_history: FitHistory): void {}

  /** All decisions of one instant -> the decisions to act on. Called only if overridden. */
  aggregateSignals(decisions: Decision[]): Decision[] {
    return decisions
  }

  /** Forgets what was learnt from bars. */
  reset(): void {}

  setParams(params: Params): void {
    this.params = params
  }

  getParams(): Params {
    return this.params
  }

  /** Cross-parameter checks: messages of what is wrong. */
  validateParams(_params: Params): string[] {
    return []
  }
}
