/** One run from header to result document. */
import { RULE_SET, ENGINE } from '../src/backtest/rule-set.ts'
import { mergeDecisionLogs } from '../src/backtest/decision-codec.ts'
import type { DecisionLog } from '../src/backtest/decision-log.ts'
import { portBindings } from '../src/backtest/port-bindings.ts'
import { loadedRows, resolveWindow } from '../src/backtest/window.ts'
import { sliceSeries, type CandleSeries } from '../src/candles/series.ts'
import type { RunConfig } from '../src/protocol/run-config.ts'
import { describeSeries, type SeriesIdentity } from '../src/verification/describe-series.ts'
import { Checkpoints } from './checkpoints.ts'
import { claim } from './claims.ts'
import { decideAll, unitName } from './decide-units.ts'
import { writeEvent } from './event-writer.ts'
import type { Monitor } from './pool/monitor.ts'
import type { Pool, PoolJob } from './pool/pool.ts'
import { MAILBOX_BYTES } from './realm/mailbox-layout.ts'
import { createNodeHasher } from './node-hasher.ts'
import type { Loaded, RunDocument, Stage } from './stage.ts'
import { superviseProof } from './supervise-proof.ts'
import type { StdinReader } from './stdin-reader.ts'
import { realmBytes } from './tasks/context.ts'
import type { UnitResult } from './tasks/task.ts'

export async function superviseRun(options: {
  reader: StdinReader
  pool: Pool
  monitor: Monitor
}): Promise<RunDocument> {
  const { reader, pool, monitor } = options
  const header = reader.readHeader()
  monitor.limits = header.limits
  if (runsUserCode(header.config)) pool.startThreads(header.workers)
  const [planned] = await monitor.watch(pool.runAll([{ task: { kind: 'plan', header }, size: 0, unit: '' }], 1))
  const plan = planned!.value
  if (header.mode === 'inspect') return { members: `"inspection":${JSON.stringify(plan.inspection)}`, bars: 0 }
  writeEvent({
    type: 'accepted',
    lookback: plan.lookback,
    symbols: [...plan.symbols],
    units: plan.units.length,
    ...(plan.aggregates ? { aggregates: true } : {}),
    ...(plan.isPortfolio ? { portfolio: true } : {}),
  })
  const stage = { header, plan, pool, monitor }
  if (header.mode === 'proof') return await superviseProof(stage, reader)
  const started = performance.now()
  const loaded = readCandles(stage, reader)
  const loadMs = performance.now() - started
  const checkpoints = new Checkpoints(plan.units, header.limits, writeEvent)
  checkpoints.resume(reader.checkpoints)
  const units = plan.isPortfolio ? { results: [], ms: 0 } : await decideAll(stage, loaded, checkpoints)
  // Nothing before the document asks for them, so no bar waits for them
  const hashes = await hashAll(stage, loaded)
  const decisions = await collectDecisions(stage, loaded, units)
  return executeAll(stage, { loaded, decisions, hashes, units, loadMs })
}

/** Whether a realm is needed: user code is watched from outside its thread. */
function runsUserCode(config: RunConfig): boolean {
  return !('builtin' in config.strategy) || portBindings(config).length > 0
}

/**
 * A built-in's run over fewer candles than these is done sooner than a worker thread has started; and a series of this size
 * takes longer to come in than the engine takes to be warmed.
 */
const LARGE_BYTES = 4_000_000

/** Told the bytes of each series as it begins, it starts and warms the threads that large ones need. */
function readyThreads({ header, pool }: Stage): (bytes: number) => void {
  const { config } = header
  let announced = 0
  let warmed = false
  return (bytes) => {
    announced += bytes
    if (announced >= LARGE_BYTES) pool.startThreads(header.workers)
    if (warmed || bytes < LARGE_BYTES) return
    warmed = true
    // The series is not in memory yet, but will be when the realm is used
    const use = { usedBytes: process.memoryUsage.rss() + bytes, sharedBytes: bytes + MAILBOX_BYTES }
    const memoryBytes = realmBytes(header.limits.memoryBytes, use)
    for (const thread of pool.threads) {
      // Phase 2 runs in the first one
      thread.prepare({ kind: 'warm', config, memoryBytes, engine: thread.index === 0 })
    }
  }
}

function readCandles(stage: Stage, reader: StdinReader): Loaded {
  const { plan, monitor } = stage
  const { config } = stage.header
  monitor.beginPhase('load', 0)
  let reported = performance.now()
  const onProgress = (): void => {
    const now = performance.now()
    if (now - reported < 250) return
    reported = now
    monitor.report(reader.rows, reader.rows, null)
  }
  reader.readSeries({ onBegin: readyThreads(stage), onProgress })
  const all = plan.symbols.map((symbol) => findSeries(reader.series, symbol, config))
  const window = resolveWindow({
    interval: config.interval,
    start: config.start,
    end: config.end,
    lookback: plan.lookback,
    series: all,
  })
  if (window === null) {
    throw claim({
      kind: 'data_unavailable',
      reason: 'empty_range',
      message: 'No bar lies between start and end of the run',
    })
  }
  const series: CandleSeries[] = []
  const firstInWindow: number[] = []
  for (const one of all) {
    const rows = loadedRows(one, window, plan.lookback)
    series.push(sliceSeries(one, rows.from, rows.to))
    firstInWindow.push(rows.firstInWindow)
  }
  const instruments = plan.symbols.map((symbol) => stage.header.instruments[config.symbols.indexOf(symbol)] ?? null)
  const marks = plan.symbols.map((symbol) => findOne(reader.marks, symbol))
  const funding = plan.symbols.map((symbol) => findOne(reader.funding, symbol))
  const detail = plan.symbols.map((symbol) => findOne(reader.detail, symbol))
  return {
    series,
    marks,
    funding,
    detail,
    firstInWindow,
    window,
    instruments,
    config: { ...config, symbols: [...plan.symbols] },
  }
}

/** Marks, funding or detail candles of a symbol, which may not have been sent; twice is one too many. */
function findOne<T extends { readonly symbol: string }>(received: readonly T[], symbol: string): T | null {
  const found = received.filter((one) => one.symbol === symbol)
  if (found.length <= 1) return found[0] ?? null
  const message = `Cannot use the input: marks, funding or detail candles of "${symbol}" were sent twice`
  throw claim({ kind: 'platform_error', reason: 'protocol', message })
}

function findSeries(received: readonly CandleSeries[], symbol: string, config: RunConfig): CandleSeries {
  const found = received.filter((one) => one.symbol === symbol)
  const [series] = found
  const problem =
    series === undefined
      ? 'was not sent'
      : found.length > 1
        ? 'was sent twice'
        : series.interval === config.interval
          ? null
          : `has interval ${series.interval}, expected ${config.interval}`
  if (series !== undefined && problem === null) return series
  throw claim({
    kind: 'platform_error',
    reason: 'protocol',
    message: `Cannot use the input: series "${symbol}" ${problem}`,
  })
}

async function hashAll(stage: Stage, loaded: Loaded): Promise<string[]> {
  const jobs = loaded.series.map((series): PoolJob<'hash'> => ({
    task: { kind: 'hash', series },
    size: series.rows,
    unit: '',
  }))
  const results = await stage.monitor.watch(stage.pool.runAll(jobs, stage.header.workers))
  return results.map((one) => one.value)
}

async function collectDecisions(
  stage: Stage,
  loaded: Loaded,
  units: { results: readonly { value: UnitResult }[] },
): Promise<DecisionLog> {
  const { header, plan, pool, monitor } = stage
  const { limits } = header
  const merged = mergeDecisionLogs(units.results.map((one) => one.value.decisions))
  if (merged.rows > limits.maxDecisions) {
    const message = `The run made ${merged.rows} decisions, at most ${limits.maxDecisions} are allowed`
    throw claim({ kind: 'strategy_error', reason: 'too_many_orders', message })
  }
  if (!plan.aggregates) return merged
  const { config, series, firstInWindow } = loaded
  const task = { kind: 'aggregate', config, limits, plan, series, firstInWindow, decisions: merged } as const
  const [answer] = await monitor.watch(pool.runAll([{ task, size: 0, unit: '' }], 1))
  return answer!.value
}

/** The range follows from the rows. */
function claimOf({ symbol, interval, kind, rows, sha256 }: SeriesIdentity): Omit<SeriesIdentity, 'range'> {
  return { symbol, interval, kind, rows, sha256 }
}

async function executeAll(
  stage: Stage,
  done: {
    loaded: Loaded
    decisions: DecisionLog
    hashes: readonly string[]
    units: { results: readonly { value: UnitResult; thread: number }[]; ms: number }
    loadMs: number
  },
): Promise<RunDocument> {
  const { header, plan, pool, monitor } = stage
  const { loaded, decisions, hashes, units, loadMs } = done
  const { config, series, marks, funding, detail, window, instruments } = loaded
  monitor.beginPhase('execute', window.endSlot - window.firstSlot)
  const task = {
    kind: 'execute',
    plan,
    config,
    limits: header.limits,
    series,
    marks,
    funding,
    detail,
    window,
    lookback: plan.lookback,
    instruments,
    decisions,
  } as const
  const [answer] = await monitor.watch(pool.runAll([{ task, size: 0, unit: '' }], 1))
  const { json, ms } = answer!.value
  const head = {
    ruleSet: RULE_SET,
    engine: ENGINE,
    lookback: plan.lookback,
    symbols: plan.symbols,
    seriesHashes: describeSeries({ series, marks, funding, detail, hashes }, createNodeHasher).map(claimOf),
    timings: {
      loadMs,
      decideMs: units.ms,
      executeMs: ms,
      units: units.results.map(({ value, thread }, i) => ({
        key: unitName(plan.units[i]!),
        thread,
        bars: plan.units[i]!.reduce((sum, name) => sum + series[config.symbols.indexOf(name)]!.rows, 0),
        ms: value.ms,
      })),
    },
  }
  const bars = series.reduce((sum, one) => sum + one.rows, 0)
  return { members: `${JSON.stringify(head).slice(1, -1)},${json}`, bars }
}
