/**
 * The built-in strategies as classes, for strategies that are made of others: the same kernels, told one row at a time
 * through the columns that a strategy sees.
 */
import type { Interval } from '../candles/interval.ts'
import type { FlatJson } from '../protocol/run-config.ts'
import { BaseStrategy } from './base-strategy.ts'
import { BUY_AND_HOLD } from './builtin-buy-and-hold.ts'
import { type BuiltinDefinition, RowSink, type StrategyKernel } from './builtin-definition.ts'
import { MOMENTUM } from './builtin-momentum.ts'
import { PEAK_EMA_REVERSAL } from './builtin-peak-ema-reversal.ts'
import { RSI_MEAN_REVERSION } from './builtin-rsi-mean-reversion.ts'
import { SMA_CROSSOVER } from './builtin-sma-crossover.ts'
import type { Decision, DecisionContext } from './decision-types.ts'
import { fail } from './failures.ts'
import { resolveParams } from './param-table.ts'

class LastSignal extends RowSink {
  signal: 'BUY' | 'SELL' | null = null

  override buy(): void {
    this.signal = 'BUY'
  }

  override sell(): void {
    this.signal = 'SELL'
  }
}

/** Decides for the first symbol of its unit. */
class KernelStrategy extends BaseStrategy {
  readonly #definition: BuiltinDefinition
  readonly #sink = new LastSignal()
  #advance: StrategyKernel | null = null
  #next = 0

  constructor(name: string, definition: BuiltinDefinition, given: FlatJson = {}) {
    const { params, errors } = resolveParams(definition.params, given)
    const faults = errors.length > 0 ? errors : definition.check(params)
    const [fault] = faults
    if (fault !== undefined) {
      fail('bad_answer', `new ${name}(): ${fault.pointer.replace('/strategy/params/', '')} ${fault.message}`)
    }
    super(params)
    this.#definition = definition
  }

  override requiredLookback(): number {
    return this.#definition.lookback(this.params)
  }

  override reset(): void {
    this.#advance = null
    this.#next = 0
  }

  override decide({ symbol, interval, candles, index }: DecisionContext): Decision | null {
    if (index < this.#next) return null
    this.#advance ??= this.#start({ symbol, interval, rows: candles.close.length, ...candles }, index)
    this.#sink.signal = null
    while (this.#next <= index) {
      this.#advance(this.#next, this.#next + 1)
      this.#next++
    }
    const { signal } = this.#sink
    return signal === null ? null : { signal }
  }

  #start(series: { symbol: string; interval: Interval; rows: number } & DecisionContext['candles'], first: number) {
    return this.#definition.start({ params: this.params, series, first, sink: this.#sink, partRows: 1 })
  }
}

/** The parameter table as a strategy declares it. */
function tableOf(definition: BuiltinDefinition): Readonly<Record<string, object>> {
  return Object.fromEntries(definition.params)
}

/** BUY when the fast average crosses above the slow one, SELL when below. */
export class SmaCrossover extends KernelStrategy {
  static params = tableOf(SMA_CROSSOVER)
  constructor(params?: { fast?: number; slow?: number }) {
    super('SmaCrossover', SMA_CROSSOVER, params)
  }
}

/** BUY at the first close. */
export class BuyAndHold extends KernelStrategy {
  static params = tableOf(BUY_AND_HOLD)
  constructor(params?: Record<string, never>) {
    super('BuyAndHold', BUY_AND_HOLD, params)
  }
}

/** BUY when RSI crosses up through oversold, SELL when it crosses down through overbought. */
export class RsiMeanReversion extends KernelStrategy {
  static params = tableOf(RSI_MEAN_REVERSION)
  constructor(params?: { period?: number; oversold?: number; overbought?: number }) {
    super('RsiMeanReversion', RSI_MEAN_REVERSION, params)
  }
}

/** BUY when the return over `lookback` bars crosses above the threshold, SELL when below its negative. */
export class Momentum extends KernelStrategy {
  static params = tableOf(MOMENTUM)
  constructor(params?: { lookback?: number; threshold?: number }) {
    super('Momentum', MOMENTUM, params)
  }
}

/** BUY when the fast average turns up from a trough below the slow one, SELL at the mirrored peak. */
export class PeakEmaReversal extends KernelStrategy {
  static params = tableOf(PEAK_EMA_REVERSAL)
  constructor(params?: { fast?: number; slow?: number; peak?: number }) {
    super('PeakEmaReversal', PEAK_EMA_REVERSAL, params)
  }
}

/** By stable type name. */
export const BUILTIN_CLASSES = { SmaCrossover, BuyAndHold, RsiMeanReversion, Momentum, PeakEmaReversal } as const
