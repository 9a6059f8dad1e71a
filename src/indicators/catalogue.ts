/**
 * Every indicator by the name of its kind. Formulas, seeds and the order of sums stand at the kernels. A kind is pure data
 * in, columns out: at row i it has read rows 0..i of its input, so an earlier end of the series changes no value.
 *
 * Sources are finite (an import refuses candles that are not). Values are NaN before the row `warmUp` names.
 */
import type { Interval } from '../candles/interval.ts'
import type { FlatJson } from '../protocol/run-config.ts'
import { findValueProblem, type ParamSpec, type ParamTable } from '../strategies/param-table.ts'
import { makeBollinger, makeStddev } from './deviation.ts'
import { makeDonchian, makeHighest, makeLowest, makeStochastic } from './extremes.ts'
import type { IndicatorInput, IndicatorKernel } from './kernel.ts'
import { makeEma, makeMacd, makeSma, makeWma } from './moving-averages.ts'
import { makeObv, makeVwap } from './volume.ts'
import { makeAdx, makeAtr, makeRsi } from './wilder.ts'

/** Columns that an indicator of one series can be taken of. */
export const INDICATOR_SOURCES = ['open', 'high', 'low', 'close', 'volume'] as const
export type IndicatorSource = (typeof INDICATOR_SOURCES)[number]

/** Kind -> names of its outputs; a kind with one output is read without a name. */
export const INDICATOR_OUTPUTS = {
  sma: ['value'],
  ema: ['value'],
  wma: ['value'],
  rsi: ['value'],
  macd: ['macd', 'signal', 'histogram'],
  atr: ['value'],
  bollinger: ['upper', 'middle', 'lower'],
  stochastic: ['k', 'd'],
  adx: ['adx', 'plusDi', 'minusDi'],
  obv: ['value'],
  vwap: ['value'],
  donchian: ['upper', 'middle', 'lower'],
  highest: ['value'],
  lowest: ['value'],
  stddev: ['value'],
} as const
export type IndicatorKind = keyof typeof INDICATOR_OUTPUTS

export const INDICATOR_KINDS = Object.keys(INDICATOR_OUTPUTS) as readonly IndicatorKind[]

/** An indicator that a strategy asked for, checked and with its defaults. */
export interface IndicatorSpec {
  /** Name under which the strategy reads it. */
  readonly id: string
  readonly kind: IndicatorKind
  readonly params: FlatJson
  /** null: the kind reads the columns of its formula. */
  readonly source: IndicatorSource | null
  /** null: of each symbol. */
  readonly symbol: string | null
  /** null: that of the run. */
  readonly interval: Interval | null
}

export interface IndicatorDefinition {
  readonly params: ParamTable
  /** Whether it is taken of one column that the user names; the others read the columns that their formula names. */
  readonly takesSource: boolean
  /** First row at which all outputs have a value. */
  readonly warmUp: (params: FlatJson) => number
  /** What is wrong with parameters that are each right, or null. */
  readonly check: (params: FlatJson) => string | null
  readonly make: (params: FlatJson, input: IndicatorInput) => IndicatorKernel
}

const MAX_PERIOD = 100_000
/** Of kinds that read their whole window at each row. */
const MAX_WINDOW = 5000

const integer = (value: number, limits: { minimum?: number; maximum?: number } = {}): ParamSpec => ({
  type: 'integer',
  default: value,
  minimum: limits.minimum ?? 1,
  maximum: limits.maximum ?? MAX_PERIOD,
})

/** A definition with its parameters typed: they have been checked against `table` before any of its functions is called. */
function define<Params>(options: {
  params: readonly (readonly [keyof Params & string, ParamSpec])[]
  source?: boolean
  warmUp: (params: Params) => number
  check?: (params: Params) => string | null
  make: (input: IndicatorInput, params: Params) => IndicatorKernel
}): IndicatorDefinition {
  const { params, source = false, warmUp, check = () => null, make } = options
  return {
    params: new Map(params),
    takesSource: source,
    warmUp: (given) => warmUp(given as Params),
    check: (given) => check(given as Params),
    make: (given, input) => make(input, given as Params),
  }
}

type Period = { period: number }

function ofPeriod(options: {
  period: number
  source?: boolean
  warmUp: (period: number) => number
  make: (input: IndicatorInput, params: Period) => IndicatorKernel
}): IndicatorDefinition {
  const { period, source = true, warmUp, make } = options
  return define<Period>({
    params: [['period', integer(period)]],
    source,
    warmUp: (params) => warmUp(params.period),
    make,
  })
}

const wholeWindow = (period: number): number => period - 1

const DEFINITIONS: Readonly<Record<IndicatorKind, IndicatorDefinition>> = {
  sma: ofPeriod({ period: 20, warmUp: wholeWindow, make: makeSma }),
  ema: ofPeriod({ period: 20, warmUp: wholeWindow, make: makeEma }),
  wma: ofPeriod({ period: 20, warmUp: wholeWindow, make: makeWma }),
  rsi: ofPeriod({ period: 14, warmUp: (period) => period, make: makeRsi }),
  macd: define<{ fast: number; slow: number; signal: number }>({
    params: [
      ['fast', integer(12)],
      ['slow', integer(26)],
      ['signal', integer(9)],
    ],
    source: true,
    warmUp: ({ slow, signal }) => slow + signal - 2,
    check: ({ fast, slow }) => (fast < slow ? null : `fast must be less than slow (${slow})`),
    make: makeMacd,
  }),
  atr: ofPeriod({ period: 14, source: false, warmUp: wholeWindow, make: makeAtr }),
  bollinger: define<{ period: number; deviations: number }>({
    params: [
      ['period', integer(20, { minimum: 2, maximum: MAX_WINDOW })],
      ['deviations', { type: 'number', default: 2, minimum: 0, maximum: 1000 }],
    ],
    source: true,
    warmUp: ({ period }) => wholeWindow(period),
    make: makeBollinger,
  }),
  stochastic: define<{ period: number; smooth: number; signal: number }>({
    params: [
      ['period', integer(14)],
      ['smooth', integer(1)],
      ['signal', integer(3)],
    ],
    warmUp: ({ period, smooth, signal }) => period + smooth + signal - 3,
    make: makeStochastic,
  }),
  adx: ofPeriod({ period: 14, source: false, warmUp: (period) => 2 * period - 1, make: makeAdx }),
  obv: define<object>({ params: [], warmUp: () => 0, make: makeObv }),
  vwap: define<{ anchor: string }>({
    params: [['anchor', { type: 'string', default: 'day', enum: ['day', 'week', 'none'] }]],
    warmUp: () => 0,
    make: makeVwap,
  }),
  donchian: ofPeriod({ period: 20, source: false, warmUp: wholeWindow, make: makeDonchian }),
  highest: ofPeriod({ period: 20, warmUp: wholeWindow, make: makeHighest }),
  lowest: ofPeriod({ period: 20, warmUp: wholeWindow, make: makeLowest }),
  stddev: define<{ period: number; ddof: number }>({
    params: [
      ['period', integer(20, { minimum: 2, maximum: MAX_WINDOW })],
      ['ddof', integer(1, { minimum: 0, maximum: 1 })],
    ],
    source: true,
    warmUp: ({ period }) => wholeWindow(period),
    make: makeStddev,
  }),
}

export function isIndicatorKind(name: unknown): name is IndicatorKind {
  return (INDICATOR_KINDS as readonly unknown[]).includes(name)
}

export function indicatorDefinition(kind: IndicatorKind): IndicatorDefinition {
  return DEFINITIONS[kind]
}

/** Parameters with defaults in the order of the table, or what is wrong with them. */
export function resolveIndicatorParams(
  kind: IndicatorKind,
  given: ReadonlyMap<string, unknown>,
): { params: FlatJson } | { problem: string } {
  const { params: table, check } = DEFINITIONS[kind]
  for (const name of given.keys()) {
    if (table.has(name)) continue
    const known = [...table.keys()].join(', ')
    return {
      problem: `"${name.slice(0, 64)}" is not a parameter of ${kind}, which has ${known === '' ? 'none' : known}`,
    }
  }
  const params: [string, string | number | boolean][] = []
  for (const [name, spec] of table) {
    const value = given.has(name) ? given.get(name) : spec.default
    const problem = findValueProblem(spec, value)
    if (problem !== null) return { problem: `${name} ${problem}` }
    params.push([name, value as string | number | boolean])
  }
  const resolved = Object.fromEntries(params)
  const problem = check(resolved)
  return problem === null ? { params: resolved } : { problem }
}

/** A new kernel at its first row. `params` come from resolveIndicatorParams. */
export function makeIndicator(
  kind: IndicatorKind,
  options: { params: FlatJson; input: IndicatorInput },
): IndicatorKernel {
  return DEFINITIONS[kind].make(options.params, options.input)
}
