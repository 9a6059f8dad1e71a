/**
 * Theory of operation. The supervisor's view of those who do its tasks, outside every strategy thread: each tick it drains the log
 * rings, reports progress and looks whether a thread that runs user code has moved. Progress is reported when the first bar
 * is being decided, for which it looks more often, at every twenty-fifth of a phase as long as a burst lasts, and at most ten
 * times a second after that.
 */
import type { CellEvent } from '../../src/protocol/events.ts'
import type { RunnerLimits } from '../../src/protocol/header.ts'
import { claim, FatalEnd } from '../claims.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_STATE, MAILBOX_THREAD, THREAD_STATES } from '../realm/mailbox-layout.ts'
import { drainLog } from './log-drain.ts'
import type { Executor } from './executor.ts'
import { threadCpuMs } from './thread-time.ts'

const TICK_MS = 10
const FIRST_TICK_MS = 1
/** A strategy that has decided no bar by then is slow, and a tick more is nothing to it. */
const FIRST_TICKS = 50
const BURST = 60
const EVENTS_PER_SECOND = 10
const STEPS = 25
/** Share of the memory that was free before from which a standstill is put down to memory. */
const HEAP_SHARE = 0.75
/** A thread that gets no CPU is not late; but it does not stand for ever either. */
const STARVED_FACTOR = 10

type Phase = 'load' | 'decide' | 'execute'

interface Seen {
  state: number
  row: number
  since: number
  /** CPU time of the thread when it was first seen to stand still, ms; null: not known. */
  cpuMs: number | null
}

export class Monitor {
  /** Logs are dropped: somebody has had them already. */
  isQuiet = false
  readonly #pool: { readonly executors: readonly Executor[] }
  readonly #emit: (event: CellEvent) => number
  #limits: RunnerLimits | null = null
  #seen = new Map<Executor, Seen>()
  #timer: NodeJS.Timeout | null = null
  #phase: { name: Phase; total: number; finished: number; reported: number } | null = null
  #tokens = BURST
  #lastRefill = performance.now()
  #logBytes = 0
  #usedBefore = 0
  #fail: ((error: Error) => void) | null = null

  constructor(pool: { readonly executors: readonly Executor[] }, emit: (event: CellEvent) => number) {
    this.#pool = pool
    this.#emit = emit
  }

  set limits(limits: RunnerLimits) {
    this.#limits = limits
  }

  /** Watches while `action` runs; what the watchdog or a cap ends is thrown here, first cause first. */
  async watch<T>(action: Promise<T>): Promise<T> {
    const failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject
    })
    this.#seen.clear()
    this.#usedBefore = process.memoryUsage.rss()
    this.#timer = setInterval(() => this.#guarded(() => this.#tick()), TICK_MS)
    const first = this.#phase?.name === 'decide' ? this.#awaitFirstBar() : null
    try {
      const value = await Promise.race([action, failed])
      this.#drainAll()
      return value
    } catch (error) {
      // What the strategy printed before it failed comes before the end.
      if (!(error instanceof FatalEnd)) this.#drainAll()
      throw error
    } finally {
      clearInterval(this.#timer)
      if (first !== null) clearInterval(first)
      this.#fail = null
    }
  }

  beginPhase(name: Phase, total: number): void {
    this.#phase = { name, total, finished: 0, reported: 0 }
  }

  /** Rows of a unit that is done: its thread does not show them any more. Said at once: a short unit has met no tick. */
  addFinished(rows: number): void {
    if (this.#phase === null) return
    this.#phase.finished += rows
    this.#progress()
  }

  /** Progress of the load phase, which the supervisor does itself. */
  report(done: number, total: number, barTime: number | null): void {
    if (this.#takeToken()) this.#emit({ type: 'progress', phase: this.#phase?.name ?? 'load', done, total, barTime })
  }

  /** Whoever waits for a run sees that it decides as soon as it does. */
  #awaitFirstBar(): NodeJS.Timeout {
    let ticks = 0
    const timer = setInterval(() => {
      // What was printed before comes before
      this.#guarded(() => {
        this.#drainAll()
        this.#progress()
      })
      ticks += 1
      if (ticks >= FIRST_TICKS || (this.#phase?.reported ?? 0) > 0) clearInterval(timer)
    }, FIRST_TICK_MS)
    return timer
  }

  #tick(): void {
    this.#drainAll()
    this.#watchdog()
    this.#progress()
  }

  #guarded(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#fail?.(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #drainAll(): void {
    for (const thread of this.#pool.executors) this.drain(thread)
  }

  /** Turns what was logged into events. @throws ClaimedEnd limit_exceeded(output) over the cap */
  drain(thread: Executor): void {
    const cap = this.#limits?.logBytes ?? 0
    const entries = drainLog(thread.mailbox)
    if (this.isQuiet) return
    for (let i = 0; i < entries.length; i++) {
      const { level, time, text, fields } = entries[i]!
      const event = {
        type: 'log',
        level,
        unit: thread.unit,
        time,
        text,
        ...(fields === undefined ? {} : { fields }),
      } as const
      if (this.#logBytes >= cap) {
        this.#stopLogging(
          thread,
          entries.slice(i).reduce((sum, entry) => sum + entry.text.length, 0),
        )
      }
      this.#logBytes += this.#emit(event)
    }
  }

  #stopLogging(thread: Executor, dropped: number): never {
    const cap = this.#limits?.logBytes ?? 0
    const text = `The log is full (${cap} bytes): at least ${dropped} more characters were dropped`
    this.#emit({ type: 'log', level: 'error', unit: thread.unit, time: null, text })
    throw claim({
      kind: 'limit_exceeded',
      reason: 'output',
      message: `The strategy logged more than ${cap} bytes`,
      hint: 'Log less: console and context.log count',
    })
  }

  #watchdog(): void {
    const limits = this.#limits
    if (limits === null) return
    const now = performance.now()
    for (const thread of this.#pool.executors) {
      const words = new Int32Array(thread.mailbox, 0, 16)
      const state = words[MAILBOX_STATE]!
      const row = state === THREAD_STATES.deciding ? words[MAILBOX_ROW]! : 0
      const seen = this.#seen.get(thread)
      if (seen === undefined || seen.state !== state || seen.row !== row) {
        this.#seen.set(thread, { state, row, since: now, cpuMs: null })
        continue
      }
      const barTime = new Float64Array(thread.mailbox, 0, 16)[MAILBOX_BAR_TIME]!
      if (state !== THREAD_STATES.loading && state !== THREAD_STATES.deciding) continue
      const late = state === THREAD_STATES.loading ? limits.loadTimeMs : limits.barTimeMs
      seen.cpuMs ??= threadCpuMs(words[MAILBOX_THREAD]!)
      if (now - seen.since <= late || !this.#isLate(seen, words[MAILBOX_THREAD]!, now, late)) continue
      const used = process.memoryUsage.rss()
      if (used - this.#usedBefore > HEAP_SHARE * (limits.memoryBytes - this.#usedBefore)) {
        // A heap at its limit collects garbage without end before it fails: that is why nothing moves.
        throw new FatalEnd(
          'heap',
          `The strategy used ${used} bytes of ${limits.memoryBytes} when it stopped answering`,
          barTime,
        )
      }
      if (state === THREAD_STATES.loading) {
        throw new FatalEnd('load_time', `Loading the strategy took longer than ${limits.loadTimeMs} ms`)
      }
      throw new FatalEnd('bar_time', `One bar took longer than ${limits.barTimeMs} ms`, barTime)
    }
  }

  /** What counts is the time that the thread had the CPU: a busy host or a throttled cell makes nobody late. */
  #isLate(seen: Seen, threadId: number, now: number, late: number): boolean {
    const cpuMs = threadCpuMs(threadId)
    if (cpuMs === null || seen.cpuMs === null) return true
    return cpuMs - seen.cpuMs > late || now - seen.since > STARVED_FACTOR * late
  }

  #progress(): void {
    const phase = this.#phase
    if (phase === null || phase.name === 'load') return
    let done = phase.finished
    let barTime: number | null = null
    for (const thread of this.#pool.executors) {
      if (!thread.busy) continue
      done += new Int32Array(thread.mailbox, 0, 16)[MAILBOX_ROW]!
      const time = new Float64Array(thread.mailbox, 0, 16)[MAILBOX_BAR_TIME]!
      if (time > 0 && (barTime === null || time > barTime)) barTime = time
    }
    if (done > phase.total) done = phase.total
    // Rows of a lookback move too, but have no bar time
    const isFirst = phase.reported === 0 && done > 0 && (barTime !== null || phase.finished > 0)
    if ((!isFirst && done - phase.reported < phase.total / STEPS) || !this.#takeToken()) return
    phase.reported = done
    this.#emit({ type: 'progress', phase: phase.name, done, total: phase.total, barTime })
  }

  #takeToken(): boolean {
    const now = performance.now()
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#lastRefill) * EVENTS_PER_SECOND) / 1000)
    this.#lastRefill = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
