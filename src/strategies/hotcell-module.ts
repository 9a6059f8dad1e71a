/** The public module `hotcell` as a strategy imports it; editors resolve the name to this file through `paths`. */
export { BaseStrategy } from './base-strategy.ts'
export type { CandleColumns, Decision, DecisionContext, Frame, LogLevel } from './decision-types.ts'

/** Builder of proposals with several legs. */
export class TradeProposalBuilder {
  constructor() {
    throw new Error('not supported yet: TradeProposalBuilder')
  }
}
