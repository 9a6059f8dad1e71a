/** Several strategies that decide together (P7): pure composition of their `decide`. */
import type { Interval } from '../candles/interval.ts'
import type { Instrument } from '../instruments/instrument.ts'
import { BaseStrategy, type StrategyParams } from './base-strategy.ts'
import { BUILTIN_CLASSES } from './builtin-strategies.ts'
import type { Decision, DecisionContext, FitHistory, Frame, IndicatorRequest } from './decision-types.ts'
import { ENSEMBLE_PARAMS, parseMembers } from './ensemble-members.ts'
import { describeValue, fail } from './failures.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Member {
  readonly strategy: BaseStrategy<object>
  readonly weight: number
  /** Ids that it asked for -> ids under which the ensemble asks. */
  readonly ids: Map<string, string>
  context: Mutable<DecisionContext> | null
}

/** What the built-in Ensemble has as parameters; a subclass that adds its members itself needs none of them. */
export interface EnsembleParams {
  readonly strategies?: string
  readonly weights?: string
  readonly threshold?: number
}

/**
 * Σ = sum over the members of weight · confidence · signal for a symbol at one instant (BUY 1, SELL −1; confidence 1 if it is
 * absent). BUY when Σ > 0 and Σ >= threshold, SELL when Σ < 0 and −Σ >= threshold. Only signal, symbol and confidence of what
 * a member answers count: size, prices and brackets are the ensemble's to set.
 */
export class Ensemble<Params extends EnsembleParams = EnsembleParams & StrategyParams> extends BaseStrategy<Params> {
  static params: Readonly<Record<string, object>> = Object.fromEntries(ENSEMBLE_PARAMS)
  readonly #members: Member[] = []

  constructor(params?: Params) {
    super(params)
    const { strategies, weights = '' } = this.params
    if (strategies === undefined) return
    const parsed = parseMembers({ strategies, weights })
    if ('errors' in parsed) fail('bad_answer', `new Ensemble(): ${parsed.errors[0]!.message}`)
    for (const { name, params: given, weight } of parsed.members) {
      const found = Object.hasOwn(BUILTIN_CLASSES, name) ? BUILTIN_CLASSES[name as keyof typeof BUILTIN_CLASSES] : null
      if (found === null)
        fail('bad_answer', `new Ensemble(): strategies names ${describeValue(name)}, which is no built-in`)
      this.addStrategy(new found(given as Record<string, never>), weight)
    }
  }

  /** Adds a member, before the first bar. `weight` is any finite number; a negative one turns its signals around. */
  addStrategy(strategy: BaseStrategy<object>, weight = 1): this {
    if (!(strategy instanceof BaseStrategy)) {
      fail('bad_answer', `addStrategy() was given ${describeValue(strategy)}, expected a strategy`)
    }
    if (!Number.isFinite(weight)) fail('bad_answer', `addStrategy() was given the weight ${describeValue(weight)}`)
    this.#members.push({ strategy, weight, ids: new Map(), context: null })
    const { refitEvery: every } = strategy
    if (strategy.fit !== BaseStrategy.prototype.fit) this.#fitMembers()
    if (every !== undefined && every > 0) {
      this.refitEvery = this.refitEvery === undefined ? every : Math.min(every, this.refitEvery)
    }
    return this
  }

  get strategies(): readonly BaseStrategy<object>[] {
    return this.#members.map(({ strategy }) => strategy)
  }

  override requiredLookback(): number {
    return Math.max(0, ...this.#members.map(({ strategy }) => strategy.requiredLookback()))
  }

  override requiredIntervals(): Interval[] {
    return [...new Set(this.#members.flatMap(({ strategy }) => strategy.requiredIntervals()))]
  }

  override requiredIndicators(symbols: string[], instruments: (Instrument | null)[]): IndicatorRequest[] {
    return this.#askMembers(symbols, instruments)
  }

  #askMembers(symbols: string[], instruments: (Instrument | null)[]): IndicatorRequest[] {
    return this.#members.flatMap(({ strategy, ids }, at) =>
      strategy.requiredIndicators([...symbols], [...instruments]).map((request) => {
        const id = `m${at}_${request.id}`
        ids.set(request.id, id)
        return { ...request, id }
      }),
    )
  }

  override reset(): void {
    for (const { strategy } of this.#members) strategy.reset()
  }

  override decide(context: DecisionContext): Decision[] | null {
    const sums = new Map<string, number>()
    this.#members.forEach((member, at) => {
      const answer: unknown = member.strategy.decide(this.#contextOf(member, context))
      for (const one of Array.isArray(answer) ? (answer as unknown[]) : [answer])
        vote(sums, one, { member, at, context })
    })
    const decisions: Decision[] = []
    const { threshold = 0 } = this.params
    for (const symbol of context.symbols) {
      const sum = sums.get(symbol) ?? 0
      if (sum > 0 && sum >= threshold) decisions.push({ signal: 'BUY', symbol })
      else if (sum < 0 && -sum >= threshold) decisions.push({ signal: 'SELL', symbol })
    }
    return decisions.length === 0 ? null : decisions
  }

  /** Only where a member learns: history is kept for a strategy that has a `fit`. The prototype is frozen where this runs. */
  #fitMembers(): void {
    const value = (history: FitHistory): void => {
      for (const { strategy } of this.#members) strategy.fit(history)
    }
    Object.defineProperty(this, 'fit', { value, configurable: true })
  }

  /** The context with the parameters and indicators of the member under the names that it gave them. */
  #contextOf(member: Member, context: DecisionContext): DecisionContext {
    if (member.context === null) {
      if (member.ids.size === 0)
        this.#askMembers(
          [...context.symbols],
          context.symbols.map(() => null),
        )
      const own = (all: DecisionContext['indicators']): DecisionContext['indicators'] =>
        Object.fromEntries([...member.ids].flatMap(([id, full]) => (full in all ? [[id, all[full]!]] : [])))
      const frames: Record<string, Frame> = {}
      for (const symbol of context.symbols) {
        const frame = context.frames[symbol]!
        frames[symbol] = Object.create(frame, { indicators: { value: own(frame.indicators) } }) as Frame
      }
      const params = member.strategy.params as StrategyParams
      member.context = { ...context, params, indicators: own(context.indicators), frames }
    }
    member.context.index = context.index
    member.context.time = context.time
    member.context.candles = context.candles
    return member.context
  }
}

/** Adds what a member said to the sums. */
function vote(
  sums: Map<string, number>,
  answer: unknown,
  place: { member: Member; at: number; context: DecisionContext },
): void {
  if (answer === null) return
  const { member, at, context } = place
  const bad = (problem: string): never =>
    fail('bad_decision', `decide() of member ${at + 1} of the ensemble ${problem}`)
  if (typeof answer !== 'object' || answer === undefined || answer instanceof Promise) {
    bad(`returned ${answer instanceof Promise ? 'a promise' : describeValue(answer)}, expected a decision or null`)
  }
  const { signal, symbol = context.symbol, confidence = 1 } = answer as Decision
  if (signal === 'NO') return
  if (signal !== 'BUY' && signal !== 'SELL') bad(`returned the signal ${describeValue(signal)}`)
  if (!context.symbols.includes(symbol)) bad(`returned the symbol ${describeValue(symbol)}`)
  if (!(confidence >= 0 && confidence <= 1)) bad(`returned the confidence ${describeValue(confidence)}`)
  const signed = member.weight * confidence * (signal === 'BUY' ? 1 : -1)
  sums.set(symbol, (sums.get(symbol) ?? 0) + signed)
}
