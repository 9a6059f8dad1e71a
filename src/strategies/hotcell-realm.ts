/** The public module `hotcell` as a strategy imports it in a run. */
export { BaseStrategy } from './base-strategy.ts'
export { BuyAndHold, Momentum, PeakEmaReversal, RsiMeanReversion, SmaCrossover } from './builtin-strategies.ts'
export { Ensemble, type EnsembleParams } from './ensemble.ts'
export { TradeProposalBuilder } from '../proposals/trade-proposal-builder.ts'
export type { OrderLeg, TradeMeta, TradeProposal } from '../proposals/trade-proposal.ts'
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
export type {
  LotView,
  OrderRequest,
  OrderView,
  Portfolio,
  PortfolioOrderType,
  PositionView,
} from './portfolio-types.ts'
export type { Interval } from '../candles/interval.ts'
export type { IndicatorKind, IndicatorSource } from '../indicators/catalogue.ts'
