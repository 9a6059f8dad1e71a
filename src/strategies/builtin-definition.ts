/** What a built-in strategy is made of: a parameter table and a causal kernel over the loaded rows of one symbol. */
import type { CandleSeries } from '../candles/series.ts'
import type { FieldError } from '../errors.ts'
import type { FlatJson } from '../protocol/run-config.ts'
import type { ParamSpec, ParamTable } from './param-table.ts'

/** Decisions of a kernel as columns: row of the series and index into SIGNALS. */
export interface KernelRows {
  readonly rows: number
  readonly bar: Uint32Array
  readonly signal: Uint8Array
}

export interface KernelInput<Params> {
  readonly params: Params
  readonly series: CandleSeries
  /** First row that may be decided on; at least the lookback. */
  readonly first: number
  readonly sink: RowSink
  /** Most rows that one call of the kernel is given. */
  readonly partRows: number
}

/** Takes the rows `from` to `to` (exclusive), which follow the last ones; what it decides at row i depends on rows 0..i only. */
export type StrategyKernel = (from: number, to: number) => void

export interface BuiltinDefinition {
  readonly params: ParamTable
  /** Bars before the first decision. */
  readonly lookback: (params: FlatJson) => number
  /** Faults of parameters that are each right; pointers below /strategy. */
  readonly check: (params: FlatJson) => FieldError[]
  readonly start: (input: KernelInput<FlatJson>) => StrategyKernel
}

/** A definition with its parameters typed: they have been checked against the table before any of its functions is called. */
export function defineBuiltin<Params extends FlatJson>(options: {
  params: readonly (readonly [keyof Params & string, ParamSpec])[]
  lookback: (params: Params) => number
  check?: (params: Params) => FieldError[]
  start: (input: KernelInput<Params>) => StrategyKernel
}): BuiltinDefinition {
  const { params, lookback, check = () => [], start } = options
  return {
    params: new Map(params),
    lookback: (given) => lookback(given as Params),
    check: (given) => check(given as Params),
    start: (input) => start({ ...input, params: input.params as Params }),
  }
}

/** A number of bars: 1 to 100,000 unless said otherwise. */
export function lengthParam(value: number, description: string, minimum = 1): ParamSpec {
  return { type: 'integer', default: value, minimum, maximum: 100_000, description }
}

/** The fault of a parameter that must be less than another. */
export function mustBeLess(names: { low: string; high: string }, params: FlatJson): FieldError[] {
  const { low, high } = names
  if ((params[low] as number) < (params[high] as number)) return []
  return [{ pointer: `/strategy/params/${low}`, message: `must be less than ${high} (${String(params[high])})` }]
}

const BUY = 0
const SELL = 1

/** Where a kernel puts its decisions; grows by doubling. */
export class RowSink {
  #rows = 0
  #bar = new Uint32Array(1024)
  #signal = new Uint8Array(1024)

  buy(bar: number): void {
    this.#add(bar, BUY)
  }

  sell(bar: number): void {
    this.#add(bar, SELL)
  }

  #add(bar: number, signal: number): void {
    if (this.#rows === this.#bar.length) {
      const { bar: bars, signal: signals } = { bar: this.#bar, signal: this.#signal }
      this.#bar = new Uint32Array(2 * this.#rows)
      this.#signal = new Uint8Array(2 * this.#rows)
      this.#bar.set(bars)
      this.#signal.set(signals)
    }
    this.#bar[this.#rows] = bar
    this.#signal[this.#rows] = signal
    this.#rows++
  }

  get rows(): number {
    return this.#rows
  }

  /** The rows from `from` on (0: all). */
  take(from = 0): KernelRows {
    const rows = this.#rows
    return { rows: rows - from, bar: this.#bar.slice(from, rows), signal: this.#signal.slice(from, rows) }
  }
}
