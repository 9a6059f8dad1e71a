import type { DecisionLog, EnumField, NumberField, TextField } from '../../src/backtest/decision-log.ts'
import { intervalMs, slotOf, slotOpen, type Interval } from '../../src/candles/interval.ts'
import { CANDLE_COLUMNS, type CandleSeries } from '../../src/candles/series.ts'
import type { KernelRows } from '../../src/strategies/builtin-definition.ts'
import { runBuiltin } from '../../src/strategies/builtin-catalogue.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_ROWS, MAILBOX_STATE, THREAD_STATES } from '../realm/mailbox-layout.ts'
import type { RealmRows, UnitJob } from '../realm/wire.ts'
import { Realm } from '../realm-host.ts'
import { randomStateOf, realmBytes, type TaskContext } from './context.ts'
import type { UnitResult, UnitTask } from './task.ts'

/** Phase 1 of one work unit. @throws ClaimedEnd or FatalEnd */
export function runUnitTask(task: UnitTask, context: TaskContext): UnitResult {
  const words = new Int32Array(context.mailbox, 0, 16)
  words[MAILBOX_ROW] = 0
  words[MAILBOX_ROWS] = task.symbols.reduce((rows, { series }) => rows + series.rows, 0)
  try {
    return 'builtin' in task.config.strategy ? runBuiltinUnit(task, context) : runModuleUnit(task, context)
  } finally {
    words[MAILBOX_STATE] = THREAD_STATES.idle
    words[MAILBOX_ROW] = 0
  }
}

function runBuiltinUnit(task: UnitTask, context: TaskContext): UnitResult {
  const { plan } = task
  const { series, firstInWindow } = task.symbols[0]!
  const { strategy } = task.config
  if (!('builtin' in strategy)) throw new Error('Invariant: not a built-in')
  const words = new Int32Array(context.mailbox, 0, 16)
  const barTimes = new Float64Array(context.mailbox, 0, 16)
  words[MAILBOX_STATE] = THREAD_STATES.computing
  const started = performance.now()
  const first = Math.max(firstInWindow, plan.lookback)
  const spec = { builtin: strategy.builtin, params: plan.params }
  const onProgress = (row: number) => {
    words[MAILBOX_ROW] = row
    barTimes[MAILBOX_BAR_TIME] = series.time[row - 1]!
  }
  const decisions = runBuiltin({ spec, series, first, onProgress })
  return { ms: performance.now() - started, decisions: logOfKernel(task, decisions) }
}

/** The decisions of a built-in: one a bar at most, and nothing but the signal. */
export function logOfKernel(task: UnitTask, { rows, bar, signal }: KernelRows): DecisionLog {
  const nothing = { numbers: [], enums: [], texts: [], strings: [] }
  return logOf(task, { rows, bar, signal, symbol: new Uint32Array(rows), sequence: new Uint32Array(rows), ...nothing })
}

/** The columns of a unit in shared memory, one for each symbol. */
export function memoriesOf({ symbols }: Pick<UnitTask, 'symbols'>): SharedArrayBuffer[] {
  return symbols.map(({ series }) => series.time.buffer as SharedArrayBuffer)
}

/** A realm with the strategy of a unit loaded, and what it is to be asked. @throws ClaimedEnd or FatalEnd */
export function openUnitRealm(task: UnitTask, context: TaskContext): { realm: Realm; job: UnitJob } {
  const { config, limits, plan, symbols } = task
  const { strategy } = config
  if ('builtin' in strategy) throw new Error('Invariant: a built-in')
  new Int32Array(context.mailbox)[MAILBOX_STATE] = THREAD_STATES.loading
  const randomState = randomStateOf(config, `unit/${symbols.map(({ series }) => series.symbol).join(',')}`)
  const sharedBytes = memoriesOf(task).reduce((sum, memory) => sum + memory.byteLength, context.mailbox.byteLength)
  const memoryBytes = realmBytes(limits.memoryBytes, { usedBytes: context.usedBytes(), sharedBytes })
  const { realm } = Realm.open(context.takeRealm(memoryBytes), {
    modules: plan.modules,
    main: strategy.module,
    className: strategy.class,
    randomState,
  })
  return { realm, job: buildUnitJob(task, randomState) }
}

/** What a realm is told of the symbols and the run. */
export function buildUnitJob(
  { config, limits, plan, symbols, window }: Pick<UnitTask, 'config' | 'limits' | 'plan' | 'symbols' | 'window'>,
  randomState: readonly number[],
): UnitJob {
  const stepMs = intervalMs(config.interval)
  return {
    symbols: symbols.map(({ series, instrument, firstInWindow }) => ({
      symbol: series.symbol,
      instrument,
      rows: series.rows,
      capacity: series.rows,
      offsets: CANDLE_COLUMNS.map((name) => series[name].byteOffset),
      firstInWindow,
      closes: stepMs === null ? closesOf(series, config.interval) : null,
    })),
    interval: config.interval,
    params: plan.params,
    args: config.args,
    randomState,
    start: window.start,
    end: window.end,
    lookback: plan.lookback,
    indicators: plan.indicators,
    intervals: plan.intervals,
    length: plan.lookback + window.endSlot - window.firstSlot,
    stepMs,
    maxDecisions: limits.maxDecisions,
    maxDecisionsPerCall: limits.maxDecisionsPerCall,
    executors: Object.keys(config.executors ?? {}),
  }
}

function runModuleUnit(task: UnitTask, context: TaskContext): UnitResult {
  const { realm, job } = openUnitRealm(task, context)
  try {
    const started = performance.now()
    const rows = realm.run(job, memoriesOf(task))
    return { ms: performance.now() - started, decisions: logOf(task, rows) }
  } finally {
    context.retire(realm)
  }
}

function closesOf(series: CandleSeries, interval: Interval): Float64Array {
  return series.time.map((time) => slotOpen(interval, slotOf(interval, time) + 1))
}

/** A unit's rows as a decision log, with symbols by their index in the run. */
export function logOf(task: UnitTask, rows: RealmRows): DecisionLog {
  return {
    rows: rows.rows,
    unit: new Uint32Array(rows.rows).fill(task.unit),
    bar: rows.bar,
    symbol: rows.symbol.map((at) => task.symbols[at]!.index),
    sequence: rows.sequence,
    signal: rows.signal,
    ...fieldsOf(rows),
  }
}

/** The optional columns of a realm's rows. */
export function fieldsOf(
  rows: Pick<RealmRows, 'numbers' | 'enums' | 'texts' | 'strings'>,
): Pick<DecisionLog, 'numbers' | 'enums' | 'texts' | 'strings'> {
  return {
    numbers: new Map(rows.numbers as [NumberField, Float64Array][]),
    enums: new Map(rows.enums as [EnumField, Uint8Array][]),
    texts: new Map(rows.texts as [TextField, Uint32Array][]),
    strings: rows.strings,
  }
}
