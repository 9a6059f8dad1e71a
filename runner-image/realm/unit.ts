/**
 * Theory of operation. The per-bar loop of one work unit, whole inside the realm, so that no border is crossed per bar. The
 * context is one sealed object, refilled before each call and never read back. The row and its time are stored into the
 * mailbox before each call: that is what the watchdog and progress read.
 */
import type { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import type { CandleColumns, Decision, DecisionContext, Frame } from '../../src/strategies/decision-types.ts'
import { CANDLE_COLUMNS } from '../../src/candles/series.ts'
import { createSink, type DecisionSink } from './decision-rows.ts'
import { createColumns } from './columns.ts'
import { describeValue, fail } from './failures.ts'
import { createIndicators, type RevealedIndicators } from './indicators.ts'
import { logFromContext } from './log.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_STATE, MAILBOX_STOP, THREAD_STATES } from './mailbox-layout.ts'
import type { RealmRows, UnitJob } from './wire.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}

function viewColumns(memory: SharedArrayBuffer, job: UnitJob): CandleColumns {
  const columns = { __proto__: null } as unknown as Mutable<CandleColumns>
  CANDLE_COLUMNS.forEach((name, i) => {
    columns[name] = new Float64Array(memory, job.offsets[i], job.rows)
  })
  return columns
}

function buildContext(
  job: UnitJob,
  options: {
    columns: CandleColumns
    frame: Mutable<Frame>
    indicators: RevealedIndicators['views']
    random: () => number
  },
): Mutable<DecisionContext> {
  const { columns, frame, indicators, random } = options
  const notYet = (name: string) => (): never => fail('bad_answer', `not supported yet: context.${name}`)
  const frames = { __proto__: null } as unknown as Record<string, Frame>
  frames[job.symbol] = frame
  const context = {
    symbol: job.symbol,
    symbols: Object.freeze([job.symbol]),
    interval: job.interval,
    index: 0,
    time: Number.NaN,
    candles: columns,
    frames: Object.freeze(frames),
    instrument: deepFreeze(job.instrument),
    params: job.params,
    args: deepFreeze(job.args),
    random,
    log: logFromContext,
    higher: notYet('higher()'),
    indicators,
  }
  return Object.seal(context)
}

/** No Object.prototype behind it, yet an object with a layout: one made with prototype null is a hash table, slow to write per bar. */
const FRAME_PROTOTYPE = Object.freeze({ __proto__: null })

function buildFrame(columns: CandleColumns, indicators: RevealedIndicators['views']): Mutable<Frame> {
  const frame = { index: -1, fresh: true, indicators } as Mutable<Frame>
  for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(columns))) {
    Object.defineProperty(frame, name, field)
  }
  return Object.seal(Object.setPrototypeOf(frame, FRAME_PROTOTYPE) as Mutable<Frame>)
}

/** Runs a unit to its end. */
export function runUnit(options: {
  strategy: BaseStrategy
  job: UnitJob
  memory: SharedArrayBuffer
  mailbox: SharedArrayBuffer
  random: () => number
}): RealmRows {
  const { strategy, job, memory, mailbox, random } = options
  const hidden = viewColumns(memory, job)
  const { columns, reveal, refreshed } = createColumns(hidden, job.length)
  const indicators = createIndicators(job.indicators, { hidden, rows: job.rows, length: job.length })
  const frame = buildFrame(columns, indicators.views)
  const context = buildContext(job, { columns, frame, indicators: indicators.views, random })
  const { decide } = strategy
  if (typeof decide !== 'function') fail('bad_answer', `decide is ${describeValue(decide)}, expected a method`)
  const sink = createSink({
    method: 'decide',
    symbols: [job.symbol],
    needsSymbol: false,
    maxDecisions: job.maxDecisions,
    maxDecisionsPerCall: job.maxDecisionsPerCall,
  })
  const words = new Int32Array(mailbox, 0, 16)
  words[MAILBOX_STATE] = THREAD_STATES.deciding
  const first = job.firstInWindow > job.lookback ? job.firstInWindow : job.lookback
  if (first > 0) {
    const last = (first < job.rows ? first : job.rows) - 1
    reveal(last)
    if (job.indicators.length > 0) {
      for (let row = 0; row <= last; row++) {
        // The watchdog sees that it moves: a long lookback is not one long bar
        words[MAILBOX_ROW] = row
        indicators.reveal(row)
      }
    }
  }
  loop({ hidden, reveal, indicators, refreshed, context, frame, sink, strategy, decide, job, first, words, mailbox })
  return sink.take()
}

function loop(options: {
  hidden: CandleColumns
  reveal: (row: number) => void
  indicators: RevealedIndicators
  refreshed: () => CandleColumns | null
  context: Mutable<DecisionContext>
  frame: Mutable<Frame>
  sink: DecisionSink
  strategy: BaseStrategy
  decide: (this: BaseStrategy, context: DecisionContext) => Decision | Decision[] | null
  job: UnitJob
  first: number
  words: Int32Array
  mailbox: SharedArrayBuffer
}): void {
  const { hidden, reveal, refreshed, context, frame, sink, strategy, decide, job, words } = options
  const revealIndicators = job.indicators.length === 0 ? null : options.indicators.reveal
  const { time } = hidden
  const barTimes = new Float64Array(options.mailbox, 0, 16)
  const { rows, stepMs, closes } = job
  for (let row = options.first; row < rows; row++) {
    const opened = time[row]!
    reveal(row)
    if (revealIndicators !== null) revealIndicators(row)
    const now = stepMs === null ? closes![row]! : opened + stepMs
    if (words[MAILBOX_STOP] !== 0) break
    words[MAILBOX_ROW] = row
    barTimes[MAILBOX_BAR_TIME] = now
    context.index = row
    context.time = now
    frame.index = row
    const answer = decide.call(strategy, context)
    if (answer !== null) sink.read(answer, row)
    const view = refreshed()
    if (view !== null) context.candles = view
  }
}
