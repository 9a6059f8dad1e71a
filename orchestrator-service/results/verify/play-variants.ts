/*
 * Theory of operation: what the run would have been otherwise. Strategies that only decide have made all their decisions
 * before phase 2, so the host can play them again under another configuration (V3, F8). What code of the user has answered
 * belongs to one order of calls, so no variant asks it.
 */
import { resolveComponentSpec } from '../../../src/components/resolve-spec.ts'
import type { UserPortName } from '../../../src/backtest/answer-log.ts'
import type { DecisionLog } from '../../../src/backtest/decision-log.ts'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { lineChoice } from '../../../src/policies/fill.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import type { ResultVariant, VariantsMissing } from '../../../src/protocol/result-variants.ts'
import { createSha256 } from '../../sha256.ts'
import { analyseRun } from '../analyse-run.ts'
import { copyMetrics } from '../copy-metrics.ts'
import type { VerifyTask } from './verify-task.ts'

/** Ports whose user code has a built-in default in its place, and those of them that prices and fills rest on. */
const REPLACED = ['fee', 'slippage', 'sizing', 'capacity', 'risk'] as const
const PRICED: readonly UserPortName[] = ['fee', 'slippage', 'fill', 'executor']
/** Left out, the rules say what fills where. */
const DROPPED: readonly UserPortName[] = ['fill', 'executor']

export interface Variants {
  /** Where fees, slippage or fills are claimed: the run under the built-in defaults; null: they are not, or it cannot be played. */
  readonly underDefaults: ResultVariant | null
  /** The run whole under `worst` and `best` (F8); null: not asked for, or code of the user takes part in phase 2. */
  readonly rerun: { readonly worst: ResultVariant; readonly best: ResultVariant } | null
  /** Why one of them is not there although the run calls for it. */
  readonly missing: VariantsMissing
}

function playVariant(task: VerifyTask, config: RunConfig, decisions: DecisionLog): ResultVariant | null {
  const { series, marks, funding, detail, window, lookback, instruments, benchmark } = task
  const input = { config, series, marks, funding, detail, window, lookback, instruments, decisions }
  const { records, equity, breach, tooManyOrders } = playTimeline(input)
  if (breach !== null || tooManyOrders !== null) return null
  const known = { config, window, series, detail, instruments, benchmark }
  const { summary } = analyseRun({ ...known, records, equity, createHasher: createSha256 })
  const { total_return, max_drawdown, sharpe } = summary.metrics
  const { trades, fills, refusals, fees, slippage } = summary.counts
  return {
    finalEquity: summary.finalEquity,
    metrics: copyMetrics({ total_return, max_drawdown, sharpe }),
    trades,
    fills,
    refusals,
    fees,
    slippage,
  }
}

/** The configuration with the built-in default in place of each policy that is code of the user, and no executors. */
function withDefaults({ executors: _executors, ...config }: RunConfig): RunConfig {
  const symbolCount = config.symbols.length
  const replaced = REPLACED.filter((port) => 'module' in config[port])
  const defaults = replaced.map(
    (port) => [port, resolveComponentSpec(port, null, { symbolCount }, `/${port}`)] as const,
  )
  return { ...config, fill: lineChoice(config.fill), ...Object.fromEntries(defaults) }
}

/** Decisions that named an executor are by their entryPrice what others are. */
function withoutExecutors(decisions: DecisionLog): DecisionLog {
  return { ...decisions, texts: new Map([...decisions.texts].filter(([name]) => name !== 'executor')) }
}

const UNPLAYABLE = 'the decisions cannot be played whole under it'
const PORTFOLIO = 'the orders of a portfolio strategy depend on what came before them'

/** How many times phase 2 is played for variants. */
export function countVariants(task: VerifyTask, asked: readonly UserPortName[]): number {
  return (wantsDefaults(asked) ? 1 : 0) + (task.bounds === 'rerun' ? 2 : 0)
}

function wantsDefaults(asked: readonly UserPortName[]): boolean {
  return asked.some((port) => PRICED.includes(port))
}

/** Why phase 2 cannot be played again; null: it can. `ports`: code of the user that would be asked. */
function obstacle(isPortfolio: boolean, ports: readonly UserPortName[]): string | null {
  if (isPortfolio) return PORTFOLIO
  return ports.length === 0 ? null : `code of the user answers ${ports.join(', ')}, and only for the run as it was`
}

/** Plays what stands beside a verified run. `asked`: ports that code of the user has answered. */
export function playVariants(task: VerifyTask, decisions: DecisionLog, asked: readonly UserPortName[]): Variants {
  const config = { ...task.config, symbols: task.symbols }
  const isPortfolio = decisions.enums.has('action')
  let underDefaults: ResultVariant | null = null
  let rerun: Variants['rerun'] = null
  const why: { -readonly [Name in keyof VariantsMissing]: VariantsMissing[Name] } = {}
  if (wantsDefaults(asked)) {
    const kept = asked.filter((port) => ![...DROPPED, ...REPLACED].includes(port))
    const reason = obstacle(isPortfolio, kept)
    if (reason === null) underDefaults = playVariant(task, withDefaults(config), withoutExecutors(decisions))
    if (underDefaults === null) why.underDefaults = reason ?? UNPLAYABLE
  }
  if (task.bounds === 'rerun') {
    const reason = obstacle(isPortfolio, asked)
    if (reason === null) rerun = playBounds(task, config, decisions)
    if (rerun === null) why.boundsRerun = reason ?? UNPLAYABLE
  }
  return { underDefaults, rerun, missing: why }
}

function playBounds(task: VerifyTask, config: RunConfig, decisions: DecisionLog): Variants['rerun'] {
  // A lot's own wish would stand against the bound
  const enums = new Map([...decisions.enums].filter(([name]) => name !== 'crossingPolicy'))
  const bare = { ...decisions, enums }
  const worst = playVariant(task, { ...config, fill: 'worst' }, bare)
  const best = playVariant(task, { ...config, fill: 'best' }, bare)
  return worst === null || best === null ? null : { worst, best }
}
