/**
 * Theory of operation. The per-bar loop of one work unit, whole inside the realm, so that no border is crossed per bar.
 * The engine's columns lie in shared memory that user code never sees; the strategy's own columns are NaN and get one bar
 * more before each call, so the future is not there to be read. The context is one sealed object, refilled and never read
 * back. The row and its time are stored into the mailbox before each call: that is what the watchdog and progress read.
 */
import type { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import type { CandleColumns, Decision, DecisionContext, Frame } from '../../src/strategies/decision-types.ts'
import { CANDLE_COLUMNS } from '../../src/candles/series.ts'
import { clock } from './clock.ts'
import { createSink, type DecisionSink } from './decision-rows.ts'
import { describeValue, fail } from './failures.ts'
import { logFromContext, setLogTime } from './log.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_STATE, MAILBOX_STOP, THREAD_STATES } from './mailbox-layout.ts'
import type { RealmRows, UnitJob } from './wire.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Columns = Mutable<CandleColumns>

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}

function viewColumns(memory: SharedArrayBuffer, job: UnitJob): Columns {
  const columns = { __proto__: null } as unknown as Columns
  CANDLE_COLUMNS.forEach((name, i) => {
    columns[name] = new Float64Array(memory, job.offsets[i]!, job.rows)
  })
  return columns
}

function emptyColumns(length: number): Columns {
  const columns = { __proto__: null } as unknown as Columns
  for (const name of CANDLE_COLUMNS) columns[name] = new Float64Array(length).fill(Number.NaN)
  return columns
}

function buildContext(
  job: UnitJob,
  options: { own: Columns; frame: Mutable<Frame>; random: () => number },
): Mutable<DecisionContext> {
  const { own, frame, random } = options
  const notYet = (name: string) => (): never => fail('bad_answer', `not supported yet: context.${name}`)
  const frames = { __proto__: null } as unknown as Record<string, Frame>
  frames[job.symbol] = frame
  const context = {
    symbol: job.symbol,
    symbols: Object.freeze([job.symbol]),
    interval: job.interval,
    index: 0,
    time: 0,
    candles: Object.freeze({ __proto__: null, ...own }) as unknown as CandleColumns,
    frames: Object.freeze(frames),
    instrument: deepFreeze(job.instrument),
    params: job.params,
    args: deepFreeze(job.args),
    random,
    log: logFromContext,
    higher: notYet('higher()'),
  }
  Object.defineProperty(context, 'indicators', { get: notYet('indicators') })
  return Object.seal(context)
}

function buildFrame(own: Columns): Mutable<Frame> {
  const frame = { __proto__: null, ...own, index: -1, fresh: true } as unknown as Mutable<Frame>
  for (const name of CANDLE_COLUMNS) Object.defineProperty(frame, name, { writable: false })
  return Object.seal(frame)
}

/** Runs a unit to its end. `position.time` is the instant of the call under way, for the report of a failure. */
export function runUnit(options: {
  strategy: BaseStrategy
  job: UnitJob
  memory: SharedArrayBuffer
  mailbox: SharedArrayBuffer
  random: () => number
  position: { time: number }
}): RealmRows {
  const { strategy, job, memory, mailbox, random, position } = options
  const hidden = viewColumns(memory, job)
  const own = emptyColumns(job.length)
  const frame = buildFrame(own)
  const context = buildContext(job, { own, frame, random })
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
  const shown = first < job.rows ? first : job.rows
  for (const name of CANDLE_COLUMNS) {
    const from = hidden[name]
    const to = own[name]
    for (let row = 0; row < shown; row++) to[row] = from[row]!
  }
  loop({ hidden, own, context, frame, sink, strategy, decide, job, first, words, mailbox, position })
  return sink.take()
}

function loop(options: {
  hidden: Columns
  own: Columns
  context: Mutable<DecisionContext>
  frame: Mutable<Frame>
  sink: DecisionSink
  strategy: BaseStrategy
  decide: (this: BaseStrategy, context: DecisionContext) => Decision | Decision[] | null
  job: UnitJob
  first: number
  words: Int32Array
  mailbox: SharedArrayBuffer
  position: { time: number }
}): void {
  const { hidden, own, context, frame, sink, strategy, decide, job, words, position } = options
  const { time, open, high, low, close, volume } = hidden
  const { time: ownTime, open: ownOpen, high: ownHigh, low: ownLow, close: ownClose, volume: ownVolume } = own
  const barTimes = new Float64Array(options.mailbox, 0, 16)
  const { rows, stepMs, closes } = job
  for (let row = options.first; row < rows; row++) {
    const opened = time[row]!
    ownTime[row] = opened
    ownOpen[row] = open[row]!
    ownHigh[row] = high[row]!
    ownLow[row] = low[row]!
    ownClose[row] = close[row]!
    ownVolume[row] = volume[row]!
    const now = stepMs === null ? closes![row]! : opened + stepMs
    if (words[MAILBOX_STOP] !== 0) break
    words[MAILBOX_ROW] = row
    barTimes[MAILBOX_BAR_TIME] = now
    clock.now = now
    position.time = now
    context.index = row
    context.time = now
    frame.index = row
    setLogTime(now)
    const answer = decide.call(strategy, context)
    if (answer !== null) sink.read(answer, row)
  }
}
