import type { DecisionLog } from '../../src/backtest/decision-log.ts'
import type { PortfolioCode } from '../../src/backtest/portfolio-live.ts'
import type { UserCode } from '../../src/backtest/user-port.ts'

/** A unit that goes on as far as there are rows of each of its symbols, and answers the decisions since. */
export type OpenUnit = (rows: readonly number[]) => DecisionLog
/** The same of the aggregation, which takes the decisions of the units. */
export type OpenAggregation = (rows: readonly number[], decisions: DecisionLog) => DecisionLog

/** What answers questions that are known (look-ahead proof). */
export interface OpenAnswers {
  readonly code: UserCode
  readonly portfolio: PortfolioCode | null
  /** As many rows of each symbol as there are now. @throws ClaimedEnd or FatalEnd */
  readonly grow: (rows: readonly number[]) => void
}

/** What a thread keeps open. */
export interface OpenProof {
  readonly units: Map<number, { readonly advance: OpenUnit; readonly isBuiltin: boolean }>
  aggregation: OpenAggregation | null
  /** What answers phase 2. */
  answers: OpenAnswers | null
}
