/**
 * Strategies in three steps: `initialize`, `calculateIndicators`, `generateSignals`. Such a strategy is written as if it had
 * the whole table; here it is given, bar by bar, the table up to that bar, and only what it says of the last row is acted
 * on. So it cannot look ahead, and a signal that it adds to its past later has no effect.
 */
import type { FlatJson } from '../protocol/run-config.ts'
import { BaseStrategy, type StrategyParams } from './base-strategy.ts'
import type { CandleColumns, Decision, DecisionContext } from './decision-types.ts'
import { describeValue, fail } from './failures.ts'

/** Bars up to now: columns of `length` entries; the last one has just closed. */
export interface StepData extends CandleColumns {
  readonly symbol: string
  readonly length: number
}

export interface StrategySignal {
  signalType: 'BUY' | 'SELL' | 'HOLD'
  /** Default: the symbol of the data. */
  symbol?: string
  /** `time` of the row that it is of; default: the last row. */
  timestamp?: number
  /** 0 to 1: confidence of the decision. */
  strength?: number
  metadata?: FlatJson
}

export class ThreeStepStrategy<
  Params extends object = StrategyParams,
  Data extends StepData = StepData,
> extends BaseStrategy<Params> {
  /** Rows of the table that the steps are given; Infinity: all. The work per bar grows with it. */
  historyBars = Number.POSITIVE_INFINITY
  #isInitialized = false

  /** Once, with the bars up to the first decision. */
  initialize(_data: StepData): void {}

  /** The data with more columns. */
  calculateIndicators(data: StepData): Data {
    return data as Data
  }

  /** All signals of the table; those of rows before the last one are not acted on again. */
  generateSignals(_data: Data): StrategySignal[] {
    return []
  }

  validateParameters(): boolean {
    return true
  }

  override validateParams(_params: Params): string[] {
    const answer: unknown = this.validateParameters()
    if (typeof answer !== 'boolean')
      fail('bad_answer', `validateParameters() returned ${describeValue(answer)}, expected true or false`)
    return answer ? [] : ['validateParameters() returned false']
  }

  override reset(): void {
    this.#isInitialized = false
  }

  override decide({ symbol, candles, index }: DecisionContext): Decision[] | null {
    const data = upTo({ symbol, candles, index, rows: this.historyBars })
    if (!this.#isInitialized) {
      this.#isInitialized = true
      this.initialize(data)
    }
    const signals: unknown = this.generateSignals(this.calculateIndicators(data))
    if (!Array.isArray(signals))
      fail('bad_answer', `generateSignals() returned ${describeValue(signals)}, expected a list of signals`)
    const decisions: Decision[] = []
    const now = data.time[data.length - 1]!
    for (const signal of signals as unknown[]) {
      const decision = readSignal(signal, now)
      if (decision !== null) decisions.push(decision)
    }
    return decisions.length === 0 ? null : decisions
  }
}

function upTo(options: { symbol: string; candles: CandleColumns; index: number; rows: number }): StepData {
  const { symbol, candles, index, rows } = options
  if (!(rows >= 1)) fail('bad_answer', `historyBars is ${describeValue(rows)}, expected at least 1`)
  const from = Math.max(0, index + 1 - rows)
  const cut = (column: Float64Array): Float64Array => column.subarray(from, index + 1)
  return {
    symbol,
    length: index + 1 - from,
    time: cut(candles.time),
    open: cut(candles.open),
    high: cut(candles.high),
    low: cut(candles.low),
    close: cut(candles.close),
    volume: cut(candles.volume),
  }
}

/** The decision that a signal is, null if it is of an earlier row or says nothing. */
function readSignal(raw: unknown, now: number): Decision | null {
  const bad = (problem: string): never => fail('bad_answer', `generateSignals() returned ${problem}`)
  if (typeof raw !== 'object' || raw === null) bad(`${describeValue(raw)} in its list, expected a signal`)
  const { signalType, symbol, timestamp, strength, metadata } = raw as StrategySignal
  if (signalType !== 'BUY' && signalType !== 'SELL' && signalType !== 'HOLD') {
    bad(`a signal whose signalType is ${describeValue(signalType)}, expected 'BUY', 'SELL' or 'HOLD'`)
  }
  if (timestamp !== undefined && !Number.isFinite(timestamp)) {
    bad(`a signal whose timestamp is ${describeValue(timestamp)}, expected the time of a row`)
  }
  if (timestamp !== undefined && timestamp > now) bad(`a signal for ${timestamp}, which is after the last bar (${now})`)
  if (signalType === 'HOLD' || (timestamp !== undefined && timestamp < now)) return null
  return {
    signal: signalType,
    ...(symbol === undefined ? {} : { symbol }),
    ...(strength === undefined ? {} : { confidence: strength }),
    ...(metadata === undefined ? {} : { meta: metadata }),
  }
}
