/** Messages between the supervisor and its worker threads. */
import type { DecisionLog } from '../../src/backtest/decision-log.ts'
import type { TimelineData } from '../../src/backtest/timeline-data.ts'
import type { Window } from '../../src/backtest/window.ts'
import type { Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { IndicatorSpec } from '../../src/indicators/catalogue.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { Questions } from '../../src/protocol/frames.ts'
import type { RunHeader, RunnerLimits } from '../../src/protocol/header.ts'
import type { ClaimedOutcome } from '../../src/protocol/outcome.ts'
import type { FlatJson, RunConfig } from '../../src/protocol/run-config.ts'
import type { StrategyInspection } from '../../src/protocol/runner-result.ts'
import type { PreparedModule } from '../linking/prepare-files.ts'

/** What the realm of the plan found out; all later realms are made from it. */
export interface RunPlan {
  readonly symbols: readonly string[]
  /** Groups of `symbols` that are decided on together. */
  readonly units: readonly (readonly string[])[]
  readonly lookback: number
  readonly aggregates: boolean
  readonly isPortfolio: boolean
  readonly indicators: readonly IndicatorSpec[]
  readonly intervals: readonly Interval[]
  readonly params: FlatJson
  readonly modules: readonly PreparedModule[]
  readonly inspection: StrategyInspection
}

export interface PlanTask {
  readonly kind: 'plan'
  readonly header: RunHeader
}

export interface HashTask {
  readonly kind: 'hash'
  readonly series: CandleSeries
}

export interface UnitTask {
  readonly kind: 'unit'
  readonly unit: number
  readonly config: RunConfig
  readonly limits: RunnerLimits
  readonly plan: RunPlan
  readonly symbols: readonly UnitTaskSymbol[]
  readonly window: Window
}

export interface UnitTaskSymbol {
  /** Index into config.symbols. */
  readonly index: number
  readonly instrument: Instrument | null
  /** Loaded rows: views on one SharedArrayBuffer. */
  readonly series: CandleSeries
  readonly firstInWindow: number
}

export interface UnitResult {
  readonly decisions: DecisionLog
  /** Time of the loop alone. */
  readonly ms: number
}

export interface AggregateTask {
  readonly kind: 'aggregate'
  readonly config: RunConfig
  readonly limits: RunnerLimits
  readonly plan: RunPlan
  readonly series: readonly CandleSeries[]
  readonly firstInWindow: readonly number[]
  readonly decisions: DecisionLog
}

/** A unit up to the rows that there are of each of its symbols; it stays open. */
export interface ProveTask {
  readonly kind: 'prove'
  readonly unit: number
  /** With the first slice only: the thread keeps what it says. */
  readonly opening: UnitTask | null
  readonly rows: readonly number[]
}

/** What an aggregation that stays open is opened with; the series are as long as there can be rows. */
export type AggregateOpening = Omit<AggregateTask, 'kind' | 'decisions'>

/** The decisions of one slice and the rows that there are of each symbol; the aggregation stays open. */
export interface ProveAggregateTask {
  readonly kind: 'proveAggregate'
  /** With the first slice only: the thread keeps what it says. */
  readonly opening: AggregateOpening | null
  readonly rows: readonly number[]
  readonly decisions: DecisionLog
}

/** Questions of phase 2 in a look-ahead proof, in their order; the realm that answers stays open. */
export interface AnswerTask {
  readonly kind: 'answer'
  readonly opening: Pick<ExecuteTask, 'config' | 'limits' | 'plan'> & {
    /** All symbols of a portfolio strategy; null: it is none. */
    readonly unit: UnitTask | null
  }
  /** That there are of each symbol. */
  readonly rows: readonly number[]
  readonly questions: Questions
}

export interface ExecuteTask extends TimelineData {
  readonly kind: 'execute'
  readonly plan: RunPlan
  readonly config: RunConfig
  readonly limits: RunnerLimits
  readonly decisions: DecisionLog
}

/** The parts of the RunnerResult that phase 2 makes, as JSON members without braces. */
export interface ExecuteResult {
  readonly json: string
  readonly ms: number
}

/** Not a task: nothing is answered, and tasks that come later wait for its end. */
export interface WarmNote {
  readonly kind: 'warm'
  readonly config: RunConfig
  /** Of the realm that is made ahead. */
  readonly memoryBytes: number
  /** Whether phase 2 will run in this thread. */
  readonly engine: boolean
}

/** Not a task either: a job may come, and nothing is known of it yet. */
export interface ReadyNote {
  readonly kind: 'ready'
  /** To make ahead: the plan takes one, the first unit another; beside a second thread there is memory for one. */
  readonly realms: number
  /** Of the cell. */
  readonly memoryBytes: number
}

/** Said by a thread that has no job yet: it could not get ready for one. */
export interface UnreadyNote {
  readonly kind: 'unready'
  readonly message: string
}

export type Task =
  | PlanTask
  | HashTask
  | UnitTask
  | AggregateTask
  | ExecuteTask
  | ProveTask
  | ProveAggregateTask
  | AnswerTask

export interface TaskResults {
  plan: RunPlan
  hash: string
  unit: UnitResult
  aggregate: DecisionLog
  execute: ExecuteResult
  prove: DecisionLog
  proveAggregate: DecisionLog
  /** Canonical JSON. */
  answer: readonly string[]
}

export type TaskReply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly outcome: ClaimedOutcome }
  | { readonly ok: false; readonly fatal: { kind: 'heap' | 'internal'; message: string; barTime: number | null } }

export interface ThreadData {
  readonly mailbox: SharedArrayBuffer
}
