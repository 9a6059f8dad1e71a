import type { Port } from '../components/catalog.ts'
import { isUsableDetail } from '../candles/detail.ts'
import { isUserPolicy, readUserPolicy } from '../components/read-user-policy.ts'
import { resolveComponentSpec } from '../components/resolve-spec.ts'
import { ENTRY_TYPES } from '../backtest/decision-log.ts'
import { type FieldError, PlatformError } from '../errors.ts'
import { lineChoice, type FillPolicyName } from '../policies/fill.ts'
import { resolveBuiltinStrategy } from '../strategies/builtin-catalogue.ts'
import { BacktestConfig, CONFIG_LIMITS } from './backtest-config.ts'
import { checkShape } from './check.ts'
import { parseIsoTime } from './iso-time.ts'
import { PROFILE_EXECUTION } from './profiles.ts'
import type {
  BuiltinSpec,
  FlatJson,
  PerpetualConfig,
  PolicySpec,
  RunConfig,
  RunOptions,
  SourceFile,
  StrategySpec,
  UserPolicySpec,
} from './run-config.ts'

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const MAX_BENCHMARK: ReadonlySet<string> = new Set(['1w', '1M'])

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

class ErrorList {
  readonly errors: FieldError[] = []

  add(pointer: string, message: string): void {
    this.errors.push({ pointer, message })
  }

  /** Result of a step that may throw invalid_config: its errors join the list. */
  collect<T>(step: () => T): T | null {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      this.errors.push(...error.errors)
      return null
    }
  }

  throwIfAny(): void {
    if (this.errors.length === 0) return
    const first = this.errors[0]!
    throw new PlatformError(
      'invalid_config',
      `Cannot use the configuration: ${first.pointer === '' ? 'it' : `"${first.pointer}"`} ${first.message}`,
      {
        errors: this.errors,
      },
    )
  }
}

function readInstant(value: number | string | null | undefined, pointer: string, errors: ErrorList): number | null {
  if (value === null || value === undefined || typeof value === 'number') return value ?? null
  const time = parseIsoTime(value)
  if (time === null)
    errors.add(pointer, 'must be an ISO 8601 instant with offset, as 2024-01-01T00:00:00Z, or epoch milliseconds')
  return time
}

function readFiles(raw: BacktestConfig, errors: ErrorList): SourceFile[] {
  const files = Object.entries(raw.files ?? {}).map(([path, source]) => ({ path, source }))
  files.sort((a, b) => byCodeUnits(a.path, b.path))
  const bytes = files.reduce((sum, file) => sum + utf8Length(file.source), 0)
  if (bytes > CONFIG_LIMITS.fileBytes)
    errors.add('/files', `are ${bytes} bytes together, at most ${CONFIG_LIMITS.fileBytes} are allowed`)
  return files
}

function checkFlatJson(value: FlatJson, pointer: string, errors: ErrorList): void {
  const bytes = utf8Length(JSON.stringify(value))
  if (bytes > CONFIG_LIMITS.flatJsonBytes)
    errors.add(pointer, `is ${bytes} bytes long, at most ${CONFIG_LIMITS.flatJsonBytes} are allowed`)
}

function readStrategy(raw: BacktestConfig, files: readonly SourceFile[], errors: ErrorList): StrategySpec {
  const { strategy } = raw
  const params: FlatJson = strategy.params ?? {}
  checkFlatJson(params, '/strategy/params', errors)
  if ('builtin' in strategy) {
    return (
      errors.collect(() => resolveBuiltinStrategy(strategy.builtin, params)) ?? { builtin: strategy.builtin, params }
    )
  }
  if (!files.some((file) => file.path === strategy.module))
    errors.add('/strategy/module', `names "${strategy.module}", which is not among the files`)
  return { module: strategy.module, class: strategy.class ?? 'default', params }
}

function readSymbols(raw: BacktestConfig, errors: ErrorList): string[] {
  const symbols = [...raw.symbols].sort(byCodeUnits)
  for (let i = 1; i < symbols.length; i += 1) {
    if (symbols[i] === symbols[i - 1]) errors.add('/symbols', `names ${symbols[i]} twice`)
  }
  return symbols
}

function readOptions(raw: BacktestConfig): RunOptions {
  return {
    policy: raw.options?.policy ?? 'default',
    workers: raw.options?.workers ?? null,
    priority: raw.options?.priority ?? 0,
    proof: raw.options?.proof ?? false,
    cache: raw.options?.cache ?? true,
    ...(raw.options?.bounds === 'rerun' ? { bounds: 'rerun' } : {}),
    labels: raw.options?.labels ?? {},
  }
}

function readComponents(
  raw: BacktestConfig,
  context: { symbols: number; files: readonly SourceFile[] },
  errors: ErrorList,
): Pick<RunConfig, 'fee' | 'slippage' | 'sizing' | 'capacity' | 'risk' | 'fill' | 'executors'> {
  const { symbols, files } = context
  const nothing: BuiltinSpec = { builtin: '', params: {} }
  const readBuiltin = (port: Port): BuiltinSpec =>
    errors.collect(() => resolveComponentSpec(port, raw[port] ?? null, { symbolCount: symbols }, `/${port}`)) ?? nothing
  const read = (port: Port): PolicySpec => {
    const spec = raw[port]
    if (!isUserPolicy(spec)) return readBuiltin(port)
    checkFlatJson(spec.params ?? {}, `/${port}/params`, errors)
    return errors.collect(() => readUserPolicy(spec, files, `/${port}`)) ?? nothing
  }
  const fill = read('fill')
  return {
    fee: read('fee'),
    slippage: read('slippage'),
    sizing: read('sizing'),
    capacity: read('capacity'),
    risk: read('risk'),
    fill: 'module' in fill ? fill : (fill.builtin as FillPolicyName),
    ...readExecutors(raw, files, errors),
  }
}

/** Nothing where there are none, so that such runs are what they were before there were any. */
function readExecutors(
  raw: BacktestConfig,
  files: readonly SourceFile[],
  errors: ErrorList,
): Pick<RunConfig, 'executors'> {
  const named = Object.entries(raw.executors ?? {}).sort(([a], [b]) => byCodeUnits(a, b))
  if (named.length === 0) return {}
  const executors = named.flatMap(([name, spec]): [string, UserPolicySpec][] => {
    const pointer = `/executors/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if ((ENTRY_TYPES as readonly string[]).includes(name)) errors.add(pointer, 'is the name of a built-in entry type')
    if (!isUserPolicy(spec)) {
      errors.add(pointer, 'names no module: an executor is code of your own')
      return []
    }
    checkFlatJson(spec.params ?? {}, `${pointer}/params`, errors)
    const read = errors.collect(() => readUserPolicy(spec, files, pointer))
    return read === null ? [] : [[name, read]]
  })
  return { executors: Object.fromEntries(executors) }
}

/** The answers of user code belong to the order of calls of one run. */
function checkBounds(raw: BacktestConfig, components: readonly unknown[], errors: ErrorList): void {
  if (raw.options?.bounds !== 'rerun' || !components.some(isUserPolicy)) return
  errors.add('/options/bounds', 'is not supported yet with policies of your own: they would have to run again')
}

function readPerpetual({ perpetual }: BacktestConfig): PerpetualConfig {
  return {
    leverage: perpetual?.leverage ?? 1,
    marginMode: perpetual?.marginMode ?? 'isolated',
    allowShort: perpetual?.allowShort ?? false,
    onOpposite: perpetual?.onOpposite ?? 'close',
    mark: perpetual?.mark ?? 'auto',
    funding: perpetual?.funding ?? 'data',
  }
}

/** What the configuration says, else its profile, else the default. */
function readExecution({ profile, execution }: BacktestConfig): RunConfig['execution'] {
  return { ...PROFILE_EXECUTION[profile ?? 'hotcell/v1'], ...execution }
}

/** A section that a spot market has no use for must not change anything unnoticed. */
function checkPerpetualSection(raw: BacktestConfig, errors: ErrorList): void {
  if (raw.market === 'perpetual' || raw.perpetual === undefined) return
  const defaults: Readonly<Record<string, unknown>> = { ...readPerpetual({ ...raw, perpetual: {} }) }
  for (const [name, value] of Object.entries(raw.perpetual)) {
    if (value !== defaults[name]) errors.add(`/perpetual/${name}`, 'has a meaning only with market "perpetual"')
  }
}

/** Detail candles divide the bars, and the policy that needs them has some. */
function checkDetail({ detailInterval, interval }: BacktestConfig, fill: string, errors: ErrorList): void {
  if (detailInterval === undefined || detailInterval === null) {
    if (fill === 'detail') errors.add('/fill', 'is "detail", which needs a detailInterval')
  } else if (!isUsableDetail(interval, detailInterval)) {
    errors.add('/detailInterval', `is ${detailInterval}, expected a shorter interval that divides ${interval}`)
  }
}

/**
 * A user's configuration (parsed JSON) -> everything after defaults. Nothing is coerced, nothing ignored.
 * @throws PlatformError invalid_config with a JSON pointer for every fault
 */
export function parseConfig(input: unknown): { config: RunConfig; options: RunOptions } {
  const errors = new ErrorList()
  errors.errors.push(...checkShape(BacktestConfig, input))
  errors.throwIfAny()
  const raw = input as BacktestConfig
  checkPerpetualSection(raw, errors)
  const files = readFiles(raw, errors)
  const strategy = readStrategy(raw, files, errors)
  const symbols = readSymbols(raw, errors)
  const start = readInstant(raw.start, '/start', errors)
  const end = readInstant(raw.end, '/end', errors)
  if (start !== null && end !== null && start >= end) errors.add('/end', 'must be later than /start')
  if (raw.benchmark != null && MAX_BENCHMARK.has(raw.benchmark.interval))
    errors.add('/benchmark/interval', 'must be at most 1d: returns are compared by days')
  const args: FlatJson = raw.args ?? {}
  checkFlatJson(args, '/args', errors)
  const components = readComponents(raw, { symbols: symbols.length, files }, errors)
  checkDetail(raw, lineChoice(components.fill), errors)
  const { executors = {}, ...policies } = components
  checkBounds(raw, [...Object.values(policies), ...Object.values(executors)], errors)
  errors.throwIfAny()
  const config: RunConfig = {
    strategy,
    files,
    market: raw.market ?? 'spot',
    ...(raw.market === 'perpetual' ? { perpetual: readPerpetual(raw) } : {}),
    symbols,
    interval: raw.interval,
    ...((raw.detailInterval ?? null) === null ? {} : { detailInterval: raw.detailInterval! }),
    start,
    end,
    initialCash: raw.initialCash ?? 10_000,
    ...components,
    profile: raw.profile ?? 'hotcell/v1',
    endOfData: raw.endOfData ?? 'open',
    execution: readExecution(raw),
    data: {
      gaps: raw.data?.gaps ?? 'mark',
      maxSyntheticShare: raw.data?.maxSyntheticShare ?? 0.05,
      maxGapBars: raw.data?.maxGapBars ?? 1440,
    },
    ...((raw.benchmark ?? null) === null ? {} : { benchmark: raw.benchmark! }),
    metrics: { periodsPerYear: raw.metrics?.periodsPerYear ?? null, riskFree: raw.metrics?.riskFree ?? 0 },
    seed: raw.seed ?? '0',
    args,
  }
  return { config, options: readOptions(raw) }
}
