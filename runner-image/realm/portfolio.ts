/**
 * Theory of operation. A portfolio strategy in the realm of phase 2: the engine asks it instant by instant, and between two
 * calls plays what it did. The candles are joined as in phase 1; of the account it is told what changed, as text that is
 * read only when the strategy looks. What it does becomes rows of the decision log, in the order of its calls: row i is
 * order i + 1. Nothing that user code can write to is read back.
 */
import { ACTIONS, type EnumField, type NumberField } from '../../src/backtest/decision-log.ts'
import { describeValue, fail, reasonOf } from '../../src/strategies/failures.ts'
import type { LotView, OrderView, Portfolio, PositionView } from '../../src/strategies/portfolio-types.ts'
import { LATE } from './decision-fields.ts'
import { createJoin } from './join.ts'
import { MAILBOX_BAR_TIME } from './mailbox-layout.ts'
import { readOrder, writeFields } from './portfolio-orders.ts'
import { createRowColumns } from './row-columns.ts'
import { openUnit, type UnitOptions } from './unit.ts'
import type { RealmRows } from './wire.ts'

const { captureStackTrace } = Error as unknown as { captureStackTrace: (error: Error, above: unknown) => void }

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Account {
  readonly positions: readonly PositionView[]
  readonly lots: readonly LotView[]
  readonly orders: readonly OrderView[]
}

/** What can be cancelled or closed: orders of the account, and those of this call. */
interface Known {
  readonly symbol: number
  readonly side: 'buy' | 'sell'
}

export interface PortfolioRun {
  /** One call of onBar; null: it did nothing. `account`: JSON of the account, '' if it is the one of the call before. */
  call(time: number, equity: number, cash: number, account: string): RealmRows | null
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}

export function openPortfolio(options: UnitOptions): PortfolioRun {
  const { strategy, job } = options
  const { fitter, feeds, context, words, barTimes } = openUnit(options)
  const { symbols } = context
  const onBar: unknown = strategy.onBar
  if (typeof onBar !== 'function') fail('bad_answer', `onBar is ${describeValue(onBar)}, expected a method`)
  // The row of the mailbox is the engine's here
  const join = createJoin(job, feeds, { words, onRow: () => {} })
  const columns = createRowColumns()
  let isOpen = false
  let failure: unknown = null
  let sequence = 0
  let text = '{"positions":[],"lots":[],"orders":[]}'
  let account: Account | null = null
  /** Of this call: what it has placed, and what it has cancelled. */
  const placed = new Map<number, Known>()
  const ended = new Set<number>()

  const look = (): Account => (account ??= deepFreeze(JSON.parse(text) as Account))

  /** Runs what a call of the strategy asks for; the first failure ends the run whatever becomes of it. */
  function guarded<T>(name: string, action: () => T): T {
    try {
      if (!isOpen) fail('bad_decision', `${name}() was called outside of onBar()`)
      return action()
    } catch (error) {
      // Stacks are short: only what called is told, not where in the engine it was found
      if (error instanceof Error && reasonOf(error) !== undefined) captureStackTrace(error, guarded)
      failure ??= error
      throw error
    }
  }

  function addRow(
    { symbol, side }: Known,
    fields: { readonly numbers: ReadonlyMap<NumberField, number>; readonly enums: ReadonlyMap<EnumField, number> },
  ): number {
    const bar = join.barOf[symbol]!
    if (bar < 0) fail('bad_decision', `${symbols[symbol]!} is not ready: too few of its bars have closed`)
    if (sequence === job.maxDecisionsPerCall) {
      fail('too_many_orders', `onBar() placed more than ${job.maxDecisionsPerCall} orders at once`)
    }
    columns.begin()
    const late = join.lateOf(symbol)
    if (late > 0) columns.scratch[LATE] = late
    writeFields(columns, fields)
    const id = columns.end({ bar, sequence, symbol, signal: side === 'buy' ? 0 : 1 })
    sequence += 1
    if (id > job.maxDecisions) fail('too_many_orders', `The run made more than ${job.maxDecisions} decisions`)
    return id
  }

  function addAction(action: 'cancel' | 'close', known: Known, target: number | null): number {
    const enums = new Map<EnumField, number>([['action', ACTIONS.indexOf(action)]])
    const numbers = new Map<NumberField, number>(target === null ? [] : [['target', target]])
    return addRow(known, { numbers, enums })
  }

  function findOrder(id: number): Known | null {
    const own = placed.get(id)
    if (own !== undefined) return own
    const found = look().orders.find((one) => one.id === id)
    return found === undefined ? null : { symbol: symbols.indexOf(found.symbol), side: found.side }
  }

  function cancel(id: unknown): boolean {
    if (typeof id !== 'number') fail('bad_decision', `cancel() got ${describeValue(id)}, expected the id of an order`)
    const known = ended.has(id) ? null : findOrder(id)
    if (known === null) return false
    ended.add(id)
    addAction('cancel', known, id)
    return true
  }

  /** A close sells longs and buys shorts; without lots it withdraws orders. */
  function close(what: unknown): number | null {
    if (typeof what === 'number') {
      const lot = look().lots.find(({ id }) => id === what)
      if (lot === undefined) return null
      return placeClose({ symbol: symbols.indexOf(lot.symbol), side: lot.side === 'long' ? 'sell' : 'buy' }, what)
    }
    const symbol = symbols.indexOf(what as string)
    if (symbol < 0)
      fail('bad_decision', `close() got ${describeValue(what)}, expected a symbol of the run or a lot's id`)
    const { positions, orders } = look()
    const position = positions.find((one) => one.symbol === what)
    const order = orders.find((one) => one.symbol === what) ?? [...placed.values()].find((one) => one.symbol === symbol)
    if (position === undefined && order === undefined) return null
    const isLong = position === undefined ? order!.side === 'buy' : position.side === 'long'
    return placeClose({ symbol, side: isLong ? 'sell' : 'buy' }, null)
  }

  function placeClose(known: Known, lot: number | null): number {
    const id = addAction('close', known, lot)
    placed.set(id, known)
    return id
  }

  const portfolio: Mutable<Portfolio> = Object.seal({
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
      return look().lots
    },
    get orders() {
      return look().orders
    },
    position: (symbol: unknown = symbols.length === 1 ? symbols[0] : undefined) => {
      if (!symbols.includes(symbol as string))
        fail('bad_decision', `position() got ${describeValue(symbol)}, expected a symbol of the run`)
      return look().positions.find((one) => one.symbol === symbol) ?? null
    },
    submit: (order: unknown) =>
      guarded('submit', () => {
        const fields = readOrder(order, symbols)
        const id = addRow(fields, fields)
        placed.set(id, fields)
        return id
      }),
    cancel: (id: unknown) => guarded('cancel', () => cancel(id)),
    close: (what: unknown) => guarded('close', () => close(what)),
    higher: context.higher,
    random: context.random,
    log: context.log,
  })
  fitter?.fit(job.start)
  join.refresh()

  function play(now: number): void {
    fitter?.refit(now)
    const answer: unknown = Reflect.apply(onBar as (this: unknown, one: Portfolio) => unknown, strategy, [portfolio])
    if (answer instanceof Promise) fail('bad_answer', 'onBar() returned a promise; it must answer synchronously')
    if (failure !== null) throw failure
  }

  return {
    call(time, equity, cash, changed) {
      const now = join.advance()
      if (now !== time) throw new Error(`Invariant: onBar is due at ${time}, the candles are at ${now}`)
      barTimes[MAILBOX_BAR_TIME] = now
      if (changed !== '') {
        text = changed
        account = null
      }
      sequence = 0
      placed.clear()
      ended.clear()
      portfolio.index = join.index()
      portfolio.time = now
      portfolio.equity = equity
      portfolio.cash = cash
      const before = columns.rows
      isOpen = true
      try {
        play(now)
      } finally {
        isOpen = false
      }
      const view = feeds[0]!.columns.refreshed()
      if (view !== null) portfolio.candles = view
      return columns.rows === before ? null : columns.take(before)
    },
  }
}
