import type { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import type { DecisionAnswer, DecisionContext } from '../../src/strategies/decision-types.ts'
import type { SymbolFeed } from './symbol-feed.ts'
import type { UnitJob } from './wire.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What both loops work on. */
export interface UnitRun {
  readonly strategy: BaseStrategy
  readonly decide: (this: BaseStrategy, context: DecisionContext) => DecisionAnswer
  readonly job: UnitJob
  readonly feeds: readonly SymbolFeed[]
  readonly context: Mutable<DecisionContext>
  /** Word view and number view of the mailbox. */
  readonly words: Int32Array
  readonly barTimes: Float64Array
}
