/**
 * Theory of operation. The per-bar loop of one work unit, whole inside the realm, so that no border is crossed per bar. The
 * context is one sealed object, refilled before each call and never read back. The row and its time are stored into the
 * mailbox before each call: that is what the watchdog and progress read. A unit of one symbol that asks for nothing but
 * indicators of the base interval has a loop of its own here; all others run in unit-group.ts.
 */
import type { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import type { DecisionContext, Frame } from '../../src/strategies/decision-types.ts'
import { createSink, type DecisionSink } from './decision-rows.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'
import { createFitter, type Fitter } from './fit.ts'
import { logFromContext } from './log.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_STATE, MAILBOX_STOP, THREAD_STATES } from './mailbox-layout.ts'
import { ownWork } from './own-work.ts'
import { createFeed, type SymbolFeed } from './symbol-feed.ts'
import { createGroup, type UnitGroup } from './unit-group.ts'
import type { UnitRun } from './unit-run.ts'
import type { RealmRows, UnitJob } from './wire.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}

function buildContext(job: UnitJob, feeds: readonly SymbolFeed[], random: () => number): Mutable<DecisionContext> {
  const frames = { __proto__: null } as unknown as Record<string, Frame>
  const [first] = feeds as readonly [SymbolFeed]
  for (const { source, frame } of feeds) frames[source.symbol] = frame
  const context = {
    symbol: first.source.symbol,
    symbols: Object.freeze(feeds.map(({ source }) => source.symbol)),
    interval: job.interval,
    index: 0,
    time: Number.NaN,
    candles: first.columns.columns,
    frames: Object.freeze(frames),
    instrument: deepFreeze(first.source.instrument),
    params: job.params,
    args: deepFreeze(job.args),
    random,
    log: logFromContext,
    higher: higherOf(job, feeds),
    indicators: first.indicators.views,
  }
  return Object.seal(context)
}

/** `context.higher(interval, symbol?)` */
function higherOf(job: UnitJob, feeds: readonly SymbolFeed[]): DecisionContext['higher'] {
  const names = feeds.map(({ source }) => source.symbol)
  return (interval, symbol) => {
    const at = symbol === undefined ? 0 : names.indexOf(symbol)
    if (at < 0)
      fail('bad_answer', `higher() was asked for ${describeValue(symbol)}, expected one of ${names.join(', ')}`)
    if (!job.intervals.includes(interval)) {
      const known = job.intervals.length === 0 ? 'none' : job.intervals.join(', ')
      fail(
        'bad_answer',
        `higher() was asked for ${describeValue(interval)}, expected an interval that requiredIntervals() returned: ${known}`,
      )
    }
    const { higher } = feeds[at]!
    for (let i = 0; i < higher.length; i++) if (higher[i]!.interval === interval) return higher[i]!.view()
    throw new Error('Invariant: a declared interval has bars')
  }
}

export interface UnitOptions {
  readonly strategy: BaseStrategy
  readonly job: UnitJob
  /** One for each symbol. */
  readonly memories: readonly SharedArrayBuffer[]
  readonly mailbox: SharedArrayBuffer
  readonly random: () => number
}

/** Feeds, context and what learns from them. */
export function openUnit({
  strategy,
  job,
  memories,
  mailbox,
  random,
}: UnitOptions): UnitRun & { fitter: Fitter | null } {
  const feeds = ownWork(() => job.symbols.map((source, i) => createFeed(job, source, memories[i]!)))
  const context = buildContext(job, feeds, random)
  const { decide } = strategy
  if (typeof decide !== 'function') fail('bad_answer', `decide is ${describeValue(decide)}, expected a method`)
  const words = new Int32Array(mailbox, 0, 16)
  const barTimes = new Float64Array(mailbox, 0, 16)
  const run: UnitRun = { strategy, decide, job, feeds, context, words, barTimes }
  words[MAILBOX_STATE] = THREAD_STATES.deciding
  return { ...run, fitter: createFitter(run, random) }
}

/** A unit whose rows come in slices (look-ahead proof). */
export function openGroup(options: UnitOptions): UnitGroup {
  const { fitter, ...run } = openUnit(options)
  return createGroup(run, fitter)
}

/** Runs a unit to its end. */
export function runUnit(options: UnitOptions): RealmRows {
  const { job } = options
  const { fitter, ...run } = openUnit(options)
  const { feeds } = run
  if (feeds.length > 1 || feeds[0]!.higher.length > 0 || fitter !== null) return createGroup(run, fitter).advance()
  const sink = createSink({
    method: 'decide',
    symbols: [job.symbols[0]!.symbol],
    needsSymbol: false,
    maxDecisions: job.maxDecisions,
    maxDecisionsPerCall: job.maxDecisionsPerCall,
    executors: job.executors,
  })
  loop(run, sink)
  return sink.take()
}

function loop(run: UnitRun, sink: DecisionSink): void {
  const { strategy, decide, context, words, barTimes, job } = run
  const feed = run.feeds[0]!
  const { frame, columns } = feed
  const { time } = feed.hidden
  const { rows, firstInWindow, closes } = feed.source
  const { stepMs } = job
  const first = firstInWindow > job.lookback ? firstInWindow : job.lookback
  if (first >= rows) return
  // The watchdog sees that it moves: a long lookback is not one long bar
  if (first > 0) feed.reveal(first - 1, (row) => void (words[MAILBOX_ROW] = row))
  const { show } = columns
  const showIndicators = feed.indicators.isEmpty ? null : feed.indicators.show
  for (let row = first; row < rows; row++) {
    const opened = time[row]!
    show(row)
    if (showIndicators !== null) showIndicators(row)
    const now = stepMs === null ? closes![row]! : opened + stepMs
    if (words[MAILBOX_STOP] !== 0) return
    words[MAILBOX_ROW] = row
    barTimes[MAILBOX_BAR_TIME] = now
    context.index = row
    context.time = now
    frame.index = row
    const answer = decide.call(strategy, context)
    if (answer !== null) sink.read(answer, row)
    const view = columns.refreshed()
    if (view !== null) context.candles = view
  }
}
