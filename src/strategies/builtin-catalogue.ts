/**
 * The built-in strategies by their stable type names. Each formula stands at its kernel and, for users, in
 * docs/strategies.md.
 */
import { type FieldError, PlatformError } from '../errors.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { BuiltinSpec, FlatJson } from '../protocol/run-config.ts'
import { BUY_AND_HOLD } from './builtin-buy-and-hold.ts'
import { type BuiltinDefinition, type KernelRows, RowSink } from './builtin-definition.ts'
import { defineEnsemble } from './builtin-ensemble.ts'
import { MOMENTUM } from './builtin-momentum.ts'
import { PEAK_EMA_REVERSAL } from './builtin-peak-ema-reversal.ts'
import { RSI_MEAN_REVERSION } from './builtin-rsi-mean-reversion.ts'
import { SMA_CROSSOVER } from './builtin-sma-crossover.ts'
import { type ParamTable, resolveParams } from './param-table.ts'

const SINGLE: ReadonlyMap<string, BuiltinDefinition> = new Map([
  ['SmaCrossover', SMA_CROSSOVER],
  ['BuyAndHold', BUY_AND_HOLD],
  ['RsiMeanReversion', RSI_MEAN_REVERSION],
  ['Momentum', MOMENTUM],
  ['PeakEmaReversal', PEAK_EMA_REVERSAL],
])

const DEFINITIONS: ReadonlyMap<string, BuiltinDefinition> = new Map([
  ...SINGLE,
  ['Ensemble', defineEnsemble((name) => SINGLE.get(name))],
])

export const BUILTIN_STRATEGIES: readonly string[] = [...DEFINITIONS.keys()]

/** Rows between two reports of progress, and most rows of one call of a kernel. */
const PART_ROWS = 65_536

function definitionOf(name: string): BuiltinDefinition {
  const definition = DEFINITIONS.get(name)
  if (definition !== undefined) return definition
  const message = `"${name}" is not a built-in strategy, expected ${BUILTIN_STRATEGIES.join(', ')}`
  return refuse([{ pointer: '/strategy/builtin', message }])
}

function refuse(errors: readonly FieldError[]): never {
  const first = errors[0]!
  throw new PlatformError('invalid_config', `Cannot use the strategy: "${first.pointer}" ${first.message}`, { errors })
}

/** The parameter table of a built-in strategy. @throws PlatformError invalid_config: there is none of this name */
export function builtinParamTable(name: string): ParamTable {
  return definitionOf(name).params
}

/**
 * A built-in strategy with every parameter present and checked.
 * @throws PlatformError invalid_config, pointers below /strategy
 */
export function resolveBuiltinStrategy(name: string, params: FlatJson): BuiltinSpec {
  const definition = definitionOf(name)
  const resolved = resolveParams(definition.params, params)
  if (resolved.errors.length > 0) refuse(resolved.errors)
  const faults = definition.check(resolved.params)
  if (faults.length > 0) refuse(faults)
  return { builtin: name, params: resolved.params }
}

/** Bars that a resolved built-in needs before its first decision. */
export function builtinLookback(spec: BuiltinSpec): number {
  return definitionOf(spec.builtin).lookback(spec.params)
}

/**
 * Runs a resolved built-in over loaded rows. `first` is the first row of the window; rows before the lookback are never
 * decided on. `onProgress` is told the row every 65,536 rows.
 */
export function runBuiltin(options: {
  spec: BuiltinSpec
  series: CandleSeries
  first: number
  onProgress?: (row: number) => void
}): KernelRows {
  return openBuiltin(options)(options.series.rows)
}

/** Takes rows up to `to` (exclusive), as many more as there are by now, and answers what is decided on them. */
export type BuiltinUnit = (to: number) => KernelRows

/** As `runBuiltin`, for rows that come in parts: `series` has columns for all of them. */
export function openBuiltin(options: {
  spec: BuiltinSpec
  series: CandleSeries
  first: number
  onProgress?: (row: number) => void
}): BuiltinUnit {
  const { spec, series, onProgress } = options
  const { lookback, start } = definitionOf(spec.builtin)
  const needed = lookback(spec.params)
  const first = options.first > needed ? options.first : needed
  const sink = new RowSink()
  const partRows = series.rows < PART_ROWS ? series.rows : PART_ROWS
  const advance = start({ params: spec.params, series, first, sink, partRows })
  let done = 0
  return (rows) => {
    const taken = sink.rows
    for (; done < rows;) {
      const to = done + PART_ROWS < rows ? done + PART_ROWS : rows
      advance(done, to)
      onProgress?.(to)
      done = to
    }
    return sink.take(taken)
  }
}
