import { PlatformError } from '../../src/errors.ts'
import { parsePairs, readConfigFile, readSources } from './read-submission.ts'

/** Options of `run`, `validate` and `frames` as the command line gives them. */
export interface RunFlags {
  symbols?: string
  interval?: string
  from?: string
  to?: string
  cash?: string
  fee?: string
  slippage?: string
  param?: string[]
  arg?: string[]
  file?: string[]
  config?: string
  policy?: string
  workers?: string
  seed?: string
  class?: string
  label?: string[]
  priority?: string
  proof?: boolean
  /** False: --no-cache. */
  cache?: boolean
}

function numberFlag(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new PlatformError('usage', `Cannot read ${option} "${text}": expected a number`)
  return value
}

function instantFlag(text: string | undefined): string | number | undefined {
  if (text === undefined) return undefined
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00Z`
  return /^\d{6,}$/.test(text) ? Number(text) : text
}

const isFile = (target: string): boolean => /\.(ts|mts|js|mjs)$/.test(target)

async function strategyPart(
  target: string | undefined,
  flags: RunFlags,
  base: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const params = flags.param === undefined ? undefined : parsePairs(flags.param, '--param')
  const written = base['strategy']
  if (target === undefined) {
    // A configuration without a strategy is told all that is wrong with it
    if (written === undefined && flags.config === undefined)
      throw new PlatformError('usage', 'Cannot run nothing: name a strategy file, a built-in strategy or --config')
    if (params === undefined || typeof written !== 'object' || written === null) return {}
    const before = (written as Record<string, unknown>)['params']
    return { strategy: { ...written, params: { ...(typeof before === 'object' ? before : {}), ...params } } }
  }
  const withParams = params === undefined ? {} : { params }
  if (!isFile(target)) {
    if (/[/\\.]/.test(target))
      throw new PlatformError(
        'usage',
        `Cannot run "${target}": expected a .ts, .mts, .js or .mjs file, or the name of a built-in strategy`,
      )
    return { strategy: { builtin: target, ...withParams } }
  }
  const { module, files } = await readSources(target, flags.file ?? [])
  return { strategy: { module, ...(flags.class === undefined ? {} : { class: flags.class }), ...withParams }, files }
}

const defined = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))

/** Command line and --config file -> a raw BacktestConfig (parseConfig decides about it). What the command line says wins. */
export async function buildRawConfig(target: string | undefined, flags: RunFlags): Promise<Record<string, unknown>> {
  const base = flags.config === undefined ? {} : await readConfigFile(flags.config)
  const options = defined({
    policy: flags.policy,
    workers: numberFlag(flags.workers, '--workers'),
    priority: numberFlag(flags.priority, '--priority'),
    labels: flags.label === undefined ? undefined : parseLabels(flags.label),
    proof: flags.proof,
    cache: flags.cache === false ? false : undefined,
  })
  const written = base['options']
  return {
    ...base,
    ...(await strategyPart(target, flags, base)),
    ...defined({
      symbols: flags.symbols?.split(',').map((symbol) => symbol.trim()),
      interval: flags.interval,
      start: instantFlag(flags.from),
      end: instantFlag(flags.to),
      initialCash: numberFlag(flags.cash, '--cash'),
      fee: numberFlag(flags.fee, '--fee'),
      slippage: numberFlag(flags.slippage, '--slippage'),
      seed: flags.seed,
      args: flags.arg === undefined ? undefined : parsePairs(flags.arg, '--arg'),
    }),
    ...(Object.keys(options).length === 0
      ? {}
      : { options: { ...(typeof written === 'object' ? written : {}), ...options } }),
  }
}

function parseLabels(pairs: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1 || pair.slice(0, at) === '__proto__')
      throw new PlatformError('usage', `Cannot read --label "${pair}": expected name=value`)
    labels[pair.slice(0, at)] = pair.slice(at + 1)
  }
  return labels
}
