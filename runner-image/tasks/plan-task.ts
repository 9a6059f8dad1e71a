import { portBindings, type PortBinding } from '../../src/backtest/port-bindings.ts'
import { PlatformError } from '../../src/errors.ts'
import { type IndicatorSpec, indicatorDefinition } from '../../src/indicators/catalogue.ts'
import { builtinLookback, builtinParamTable, resolveBuiltinStrategy } from '../../src/strategies/builtin-catalogue.ts'
import { type ParamTable, parseParamTable, resolveParams } from '../../src/strategies/param-table.ts'
import type { BuiltinSpec, FlatJson } from '../../src/protocol/run-config.ts'
import type { StrategyInspection } from '../../src/protocol/runner-result.ts'
import type { RunHeader } from '../../src/protocol/header.ts'
import { claim } from '../claims.ts'
import type { PreparedModule } from '../linking/prepare-files.ts'
import { MAILBOX_STATE, THREAD_STATES } from '../realm/mailbox-layout.ts'
import { Realm } from '../realm-host.ts'
import { randomStateOf, realmBytes, type TaskContext } from './context.ts'
import type { RunPlan } from './task.ts'

/** Loads and asks the strategy once: what the run needs. @throws ClaimedEnd */
export async function runPlan(header: RunHeader, context: TaskContext): Promise<RunPlan> {
  const { strategy } = header.config
  return 'builtin' in strategy ? planBuiltin(header, strategy) : planModule(header, context)
}

async function planBuiltin(header: RunHeader, strategy: BuiltinSpec): Promise<RunPlan> {
  const bindings = portBindings(header.config)
  const modules = bindings.length === 0 ? [] : await prepareModules(header, bindings)
  try {
    const spec = resolveBuiltinStrategy(strategy.builtin, strategy.params)
    const { symbols } = header.config
    const lookback = builtinLookback(spec)
    const table = builtinParamTable(spec.builtin)
    const inspection = inspect({ name: spec.builtin, table, lookback, symbols, indicators: [], isPortfolio: false })
    const units = symbols.map((symbol) => [symbol])
    const answer = { symbols, units, lookback, aggregates: false, isPortfolio: false, indicators: [], intervals: [] }
    return { ...answer, params: spec.params, modules, inspection }
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    throw claim({ kind: 'invalid_config', message: error.message, pointer: error.errors[0]?.pointer ?? '/strategy' })
  }
}

/** The parser is loaded only where there is something to parse. */
async function prepareModules({ config }: RunHeader, bindings: readonly PortBinding[]): Promise<PreparedModule[]> {
  const { prepareFiles } = await import('../linking/prepare-files.ts')
  return prepareFiles(config.files, ...bindings.map((one) => one.module))
}

async function planModule(header: RunHeader, context: TaskContext): Promise<RunPlan> {
  const { config, limits, instruments } = header
  const { strategy } = config
  if ('builtin' in strategy) throw new Error('Invariant: a built-in has no modules')
  const words = new Int32Array(context.mailbox)
  words[MAILBOX_STATE] = THREAD_STATES.loading
  const { prepareFiles } = await import('../linking/prepare-files.ts')
  const modules = prepareFiles(config.files, strategy.module, ...portBindings(config).map((one) => one.module))
  const randomState = randomStateOf(config, 'plan')
  const memoryBytes = realmBytes(limits.memoryBytes, { usedBytes: context.usedBytes(), sharedBytes: 0 })
  const {
    realm,
    className,
    params: text,
  } = Realm.open(context.takeRealm(memoryBytes), {
    modules,
    main: strategy.module,
    className: strategy.class,
    randomState,
  })
  try {
    const table = readTable(text)
    const params = readParams(table, strategy.params)
    const answer = realm.plan({ interval: config.interval, symbols: config.symbols, instruments, params, randomState })
    if (answer.problems.length > 0) {
      throw claim({
        kind: 'invalid_config',
        message: `The strategy refuses its parameters: ${answer.problems.join('; ')}`,
        pointer: '/strategy/params',
      })
    }
    const { problems: _problems, ...rest } = answer
    const { symbols, lookback, indicators, isPortfolio } = rest
    return {
      ...rest,
      params,
      modules,
      inspection: inspect({ name: className, table, lookback, symbols, indicators, isPortfolio }),
    }
  } finally {
    context.retire(realm)
    words[MAILBOX_STATE] = THREAD_STATES.idle
  }
}

function readTable(text: string): ParamTable {
  const parsed = parseParamTable(JSON.parse(text))
  if ('table' in parsed) return parsed.table
  throw claim({ kind: 'strategy_error', reason: 'bad_answer', message: `static params ${parsed.problem}` })
}

function readParams(table: ParamTable, given: FlatJson): FlatJson {
  const { params, errors } = resolveParams(table, given)
  const [first] = errors
  if (first === undefined) return params
  const message = errors.map((error) => `"${error.pointer}" ${error.message}`).join('; ')
  throw claim({ kind: 'invalid_config', message: `Cannot use the parameters: ${message}`, pointer: first.pointer })
}

function inspect(options: {
  name: string
  table: ParamTable
  lookback: number
  symbols: readonly string[]
  indicators: readonly IndicatorSpec[]
  isPortfolio: boolean
}): StrategyInspection {
  const params: StrategyInspection['params'] = []
  for (const [name, spec] of options.table) {
    const { enum: choices, ...rest } = spec
    params.push({ name, ...rest, ...(choices === undefined ? {} : { enum: [...choices] }) })
  }
  const indicators = options.indicators.map(({ interval, ...spec }) => ({
    ...spec,
    ...(interval === null ? {} : { interval }),
    params: spec.params as Record<string, number | string>,
    warmUp: indicatorDefinition(spec.kind).warmUp(spec.params),
  }))
  return {
    name: options.name,
    kind: options.isPortfolio ? 'portfolio' : 'proposal',
    params,
    lookback: options.lookback,
    symbols: [...options.symbols],
    ...(indicators.length === 0 ? {} : { indicators }),
  }
}
