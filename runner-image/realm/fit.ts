/** `fit(history)` and `refitEvery` (P1): what is learnt from, is what had closed by then. */
import { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import { CANDLE_COLUMNS } from '../../src/candles/series.ts'
import type { CandleColumns, FitHistory } from '../../src/strategies/decision-types.ts'
import { allocate } from './columns.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'
import { logFromContext } from './log.ts'
import { MAILBOX_BAR_TIME } from './mailbox-layout.ts'
import { ownWork } from './own-work.ts'
import type { SymbolFeed } from './symbol-feed.ts'
import type { UnitRun } from './unit-run.ts'

const MAX_REFIT = 1_000_000

export interface Fitter {
  /** Calls fit with the bars that have closed by `now`. */
  fit(now: number): void
  /** Told each instant before decide: calls fit at every k-th after the first. */
  refit(now: number): void
}

/** The bars between two fits; 0: never again. Fails with bad_answer. */
export function askRefit(strategy: BaseStrategy): number {
  const { fit, refitEvery: every }: { fit: unknown; refitEvery?: unknown } = strategy
  if (typeof fit !== 'function') fail('bad_answer', `fit is ${describeValue(fit)}, expected a method`)
  if (every === undefined) return 0
  if (!Number.isSafeInteger(every) || (every as number) < 0 || (every as number) > MAX_REFIT) {
    fail('bad_answer', `refitEvery is ${describeValue(every)}, expected an integer of 0 (never) to ${MAX_REFIT}`)
  }
  if (every !== 0 && fit === BaseStrategy.prototype.fit) {
    fail('bad_answer', `refitEvery is ${describeValue(every)}, but the strategy has no fit()`)
  }
  return every as number
}

/** null: the strategy learns nothing. */
export function createFitter(run: UnitRun, random: () => number): Fitter | null {
  const { strategy, job, feeds, barTimes, context } = run
  const every = askRefit(strategy)
  const { fit } = strategy
  if (fit === BaseStrategy.prototype.fit) return null
  let instants = 0
  const call = (now: number): void => {
    barTimes[MAILBOX_BAR_TIME] = now
    const frames = { __proto__: null } as unknown as Record<string, CandleColumns>
    for (const feed of feeds) frames[feed.source.symbol] = closedColumns(feed, closedRows(feed, now, job.stepMs))
    const history: FitHistory = {
      symbol: context.symbols[0]!,
      symbols: context.symbols,
      interval: job.interval,
      time: now,
      candles: frames[job.symbols[0]!.symbol]!,
      frames: Object.freeze(frames),
      instrument: job.symbols[0]!.instrument,
      params: job.params,
      args: job.args,
      random,
      log: logFromContext,
    }
    const answer: unknown = fit.call(strategy, Object.freeze(history))
    if (answer instanceof Promise) fail('bad_answer', 'fit() returned a promise; it must answer synchronously')
  }
  return {
    fit: call,
    refit(now) {
      if (every > 0 && instants > 0 && instants % every === 0) call(now)
      instants++
    },
  }
}

/** Rows whose bar has closed by `now`. */
function closedRows({ source, hidden }: SymbolFeed, now: number, stepMs: number | null): number {
  let [low, high] = [0, source.rows]
  while (low < high) {
    const middle = (low + high) >>> 1
    const close = stepMs === null ? source.closes![middle]! : hidden.time[middle]! + stepMs
    if (close <= now) low = middle + 1
    else high = middle
  }
  return low
}

/** Columns of exactly `rows` entries, each copied when it is first read: the strategy's own. */
function closedColumns(feed: SymbolFeed, rows: number): CandleColumns {
  const view = {}
  for (const name of CANDLE_COLUMNS) {
    const source = feed.hidden[name]
    let column: Float64Array | null = null
    const get = (): Float64Array => {
      column ??= ownWork(() => {
        const made = allocate(rows)
        for (let row = 0; row < rows; row++) made[row] = source[row]!
        return made
      })
      return column
    }
    Object.defineProperty(view, name, { get, enumerable: true, configurable: false })
  }
  return Object.freeze(Object.setPrototypeOf(view, null) as CandleColumns)
}
