/** The public module `hotcell` as a strategy imports it; editors resolve the name to this file through `paths`. */
export { BaseStrategy } from './base-strategy.ts'
export { BuyAndHold, Momentum, PeakEmaReversal, RsiMeanReversion, SmaCrossover } from './builtin-strategies.ts'
export { Ensemble, type EnsembleParams } from './ensemble.ts'
export { ThreeStepStrategy, type StepData, type StrategySignal } from './three-step.ts'
export type {
  CandleColumns,
  Decision,
  DecisionContext,
  FitHistory,
  Frame,
  HigherFrame,
  IndicatorColumns,
  IndicatorRequest,
  IndicatorView,
  LogLevel,
} from './decision-types.ts'
export type { Interval } from '../candles/interval.ts'
export type { IndicatorKind, IndicatorSource } from '../indicators/catalogue.ts'

/** Builder of proposals with several legs. */
export class TradeProposalBuilder {
  readonly symbol: string
  readonly size: number
  readonly direction: 'BUY' | 'SELL'

  constructor(symbol: string, size: number, direction: 'BUY' | 'SELL') {
    this.symbol = symbol
    this.size = size
    this.direction = direction
    throw new Error('not supported yet: TradeProposalBuilder')
  }
}
