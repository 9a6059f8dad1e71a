/**
 * A portfolio strategy in the realm of phase 2: the engine asks it instant by instant, and between two calls plays what it
 * did. The candles are joined as in phase 1. Nothing that user code can write to is read back.
 */
import { describeValue, fail } from '../../src/strategies/failures.ts'
import type { DecisionContext } from '../../src/strategies/decision-types.ts'
import type { Portfolio } from '../../src/strategies/portfolio-types.ts'
import { growRows } from './grow.ts'
import { createJoin } from './join.ts'
import { MAILBOX_BAR_TIME } from './mailbox-layout.ts'
import { PortfolioActions } from './portfolio-actions.ts'
import { openUnit, type UnitOptions } from './unit.ts'
import type { RealmRows } from './wire.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export interface PortfolioRun {
  /** One call of onBar; null: it did nothing. `account`: JSON of the account, '' if it is the one of the call before. */
  call(time: number, equity: number, cash: number, account: string): RealmRows | null
  /** There are as many rows of each symbol now (look-ahead proof). */
  grow(rows: readonly number[]): void
}

/** What the strategy sees: refilled before each call. */
function buildPortfolio(context: DecisionContext, actions: PortfolioActions): Mutable<Portfolio> {
  const { symbols } = context
  return Object.seal({
    symbols,
    interval: context.interval,
    index: 0,
    time: Number.NaN,
    candles: context.candles,
    frames: context.frames,
    indicators: context.indicators,
    params: context.params,
    args: context.args,
    cash: 0,
    equity: 0,
    get lots() {
      return actions.look().lots
    },
    get orders() {
      return actions.look().orders
    },
    position: (symbol: unknown = symbols.length === 1 ? symbols[0] : undefined) => {
      if (!symbols.includes(symbol as string))
        fail('bad_decision', `position() got ${describeValue(symbol)}, expected a symbol of the run`)
      return actions.look().positions.find((one) => one.symbol === symbol) ?? null
    },
    submit: (order: unknown) => actions.submit(order),
    cancel: (id: unknown) => actions.cancel(id),
    close: (what: unknown) => actions.close(what),
    higher: context.higher,
    random: context.random,
    log: context.log,
  })
}

export function openPortfolio(options: UnitOptions): PortfolioRun {
  const { strategy, job } = options
  const { fitter, feeds, context, words, barTimes } = openUnit(options)
  const onBar: unknown = strategy.onBar
  if (typeof onBar !== 'function') fail('bad_answer', `onBar is ${describeValue(onBar)}, expected a method`)
  // The row of the mailbox is the engine's here
  const join = createJoin(job, feeds, { words, onRow: () => {} })
  const actions = new PortfolioActions(job, context.symbols, join)
  const portfolio = buildPortfolio(context, actions)
  fitter?.fit(job.start)
  join.refresh()

  function play(now: number): void {
    fitter?.refit(now)
    const answer: unknown = Reflect.apply(onBar as (this: unknown, one: Portfolio) => unknown, strategy, [portfolio])
    if (answer instanceof Promise) fail('bad_answer', 'onBar() returned a promise; it must answer synchronously')
  }

  return {
    grow(rows) {
      growRows(job, rows, options.memories)
      join.refresh()
    },
    call(time, equity, cash, account) {
      const now = join.advance()
      if (now !== time) throw new Error(`Invariant: onBar is due at ${time}, the candles are at ${now}`)
      barTimes[MAILBOX_BAR_TIME] = now
      portfolio.index = join.index()
      portfolio.time = now
      portfolio.equity = equity
      portfolio.cash = cash
      actions.open(account)
      try {
        play(now)
      } finally {
        actions.shut()
      }
      const view = feeds[0]!.columns.refreshed()
      if (view !== null) portfolio.candles = view
      return actions.take()
    },
  }
}
