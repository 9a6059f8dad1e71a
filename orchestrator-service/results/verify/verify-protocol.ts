import type { Variants } from './play-variants.ts'
import type { ProofPlan } from './plan-proof.ts'
import type { AnalysedRun } from '../analysed-run.ts'
import type { VerifyTask } from './verify-task.ts'
import type { AmbiguousBar } from '../../../src/backtest/timeline-state.ts'
import type { UserPortName } from '../../../src/backtest/answer-log.ts'
import type { EngineRecord } from '../../../src/backtest/records.ts'
import type { ClaimedOutcome } from '../../../src/protocol/outcome.ts'
import type { NamedDifference } from '../../../src/verification/name-difference.ts'
import type { RunnerResult, StrategyInspection } from '../../../src/protocol/runner-result.ts'

/**
 * host -> worker. `prepare` comes as soon as the candles are known, so that they are hashed while the cell runs;
 * without it only failures and inspections are expected in the document.
 */
export type VerifyRequest =
  | { readonly type: 'prepare'; readonly task: VerifyTask }
  | { readonly type: 'resumed'; readonly resumed: ResumedUnits }
  | { readonly type: 'document'; readonly document: Uint8Array }

/** What the cell was given of earlier attempts, for its decisions to be held against. */
export interface ResumedUnits {
  readonly checkpoints: readonly Uint8Array[]
  /** The strategy makes other decisions out of those of its units, as the cell says. */
  readonly aggregates: boolean
}

/** `Analysis`: packed, but within the thread. */
export interface VerifiedRun<Analysis = AnalysedRun> {
  readonly decisions: number
  /** What code of the user has answered in phase 2. */
  readonly askedPorts: readonly UserPortName[]
  readonly inputs: string
  readonly outcome: string
  readonly fingerprint: string
  readonly ambiguity: {
    readonly bars: readonly AmbiguousBar[]
    readonly count: number
    readonly difference: number
    readonly crossAmbiguous: number
  }
  readonly analysis: Analysis
  readonly variants: Variants
  /** Null: none was asked for; too_large: user code was asked more than can be kept. */
  readonly proof: ProofPlan | 'too_large' | null
  /** CPU time of the verification thread (its start included) until the result was verified, and of the analysis after it. */
  readonly cpu: { readonly verifyMs: number; readonly analyseMs: number }
}

/** What the cell says of itself; shown as such. */
export interface Claims {
  readonly usage: RunnerResult['usage']
  readonly timings: NonNullable<RunnerResult['timings']> | null
}

/** worker -> host. `rows` comes as soon as the decision rows are counted, to extend the deadline. */
export type VerifyMessage<Analysis = AnalysedRun> =
  /** Hash of everything that decides what the run means (X1), as soon as it is known. */
  | { readonly type: 'inputs'; readonly inputs: string }
  | { readonly type: 'rows'; readonly rows: number }
  /** The cell says that the run failed (or, in mode inspect, what the strategy is): nothing to verify. */
  | {
      readonly type: 'claimed'
      readonly outcome: ClaimedOutcome
      readonly inspection: StrategyInspection | null
      readonly claims: Claims
    }
  | {
      readonly type: 'failed'
      readonly kind: 'protocol' | 'mismatch' | 'invariant' | 'infra'
      readonly message: string
    }
  | { readonly type: 'too_many_orders'; readonly message: string }
  | {
      readonly type: 'tampered'
      /** Left out: replay. */
      readonly reason?: 'checkpoint'
      readonly message: string
      readonly difference: NamedDifference | null
      readonly claimed: EngineRecord | null
      readonly recomputed: EngineRecord | null
    }
  | { readonly type: 'verified'; readonly run: VerifiedRun<Analysis>; readonly claims: Claims }
