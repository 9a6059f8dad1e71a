/**
 * Theory of operation. What a portfolio strategy does becomes rows of the decision log, in the order of its calls: row i is
 * order i + 1. Of the account it is told what changed, as text that is read only when somebody looks. What cannot be done
 * is told apart: a wrong order ends the run, even if the strategy catches the error; a cancel or close of what is gone
 * answers so and makes no row.
 */
import { ACTIONS, type EnumField, type NumberField } from '../../src/backtest/decision-log.ts'
import { describeValue, fail, reasonOf } from '../../src/strategies/failures.ts'
import type { LotView, OrderView, PositionView } from '../../src/strategies/portfolio-types.ts'
import { LATE } from './decision-fields.ts'
import type { Join } from './join.ts'
import { readOrder, writeFields } from './portfolio-orders.ts'
import { createRowColumns } from './row-columns.ts'
import type { RealmRows, UnitJob } from './wire.ts'

const { captureStackTrace } = Error as unknown as { captureStackTrace: (error: Error, above: unknown) => void }

interface Account {
  readonly positions: readonly PositionView[]
  readonly lots: readonly LotView[]
  readonly orders: readonly OrderView[]
}

/** An order that can be cancelled or closed. */
interface Known {
  readonly symbol: number
  readonly side: 'buy' | 'sell'
}

interface Fields {
  readonly numbers: ReadonlyMap<NumberField, number>
  readonly enums: ReadonlyMap<EnumField, number>
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}

export class PortfolioActions {
  readonly #symbols: readonly string[]
  readonly #job: UnitJob
  readonly #join: Join
  readonly #columns = createRowColumns()
  #isOpen = false
  #failure: unknown = null
  #before = 0
  #text = '{"positions":[],"lots":[],"orders":[]}'
  #account: Account | null = null
  /** Of this call: what it has placed, and what it has cancelled. */
  readonly #placed = new Map<number, Known>()
  readonly #ended = new Set<number>()

  constructor(job: UnitJob, symbols: readonly string[], join: Join) {
    this.#job = job
    this.#symbols = symbols
    this.#join = join
  }

  /** A call begins. `account`: JSON of the account, '' if it is the one of the call before. */
  open(account: string): void {
    if (account !== '') {
      this.#text = account
      this.#account = null
    }
    this.#before = this.#columns.rows
    this.#placed.clear()
    this.#ended.clear()
    this.#isOpen = true
  }

  /** It is over. */
  shut(): void {
    this.#isOpen = false
  }

  /** The rows of the last call; null: none. Fails with the first failure of all calls. */
  take(): RealmRows | null {
    if (this.#failure !== null) throw this.#failure
    return this.#columns.rows === this.#before ? null : this.#columns.take(this.#before)
  }

  look(): Account {
    this.#account ??= deepFreeze(JSON.parse(this.#text) as Account)
    return this.#account
  }

  submit(request: unknown): number {
    return this.#guarded('submit', () => {
      const order = readOrder(request, this.#symbols)
      const id = this.#addRow(order, order)
      this.#placed.set(id, order)
      return id
    })
  }

  cancel(id: unknown): boolean {
    return this.#guarded('cancel', () => {
      if (typeof id !== 'number') fail('bad_decision', `cancel() got ${describeValue(id)}, expected the id of an order`)
      const known = this.#ended.has(id) ? null : this.#findOrder(id)
      if (known === null) return false
      this.#ended.add(id)
      this.#addAction('cancel', known, id)
      return true
    })
  }

  close(what: unknown): number | null {
    return this.#guarded('close', () => {
      const lot = typeof what === 'number' ? what : null
      const known = lot === null ? this.#sideToClose(what) : this.#lotToClose(lot)
      if (known === null) return null
      const id = this.#addAction('close', known, lot)
      this.#placed.set(id, known)
      return id
    })
  }

  /** The first failure ends the run, whatever becomes of it. */
  #guarded<T>(name: string, action: () => T): T {
    try {
      if (!this.#isOpen) fail('bad_decision', `${name}() was called outside of onBar()`)
      return action()
    } catch (error) {
      // Stacks are short: only what called is told, not where in the engine it was found
      if (error instanceof Error && reasonOf(error) !== undefined) captureStackTrace(error, this.#guarded)
      this.#failure ??= error
      throw error
    }
  }

  #addRow({ symbol, side }: Known, fields: Fields): number {
    const { maxDecisions, maxDecisionsPerCall } = this.#job
    const columns = this.#columns
    const bar = this.#join.barOf[symbol]!
    if (bar < 0) fail('bad_decision', `${this.#symbols[symbol]!} is not ready: too few of its bars have closed`)
    const sequence = columns.rows - this.#before
    if (sequence === maxDecisionsPerCall) {
      fail('too_many_orders', `onBar() placed more than ${maxDecisionsPerCall} orders at once`)
    }
    columns.begin()
    const late = this.#join.lateOf(symbol)
    if (late > 0) columns.scratch[LATE] = late
    writeFields(columns, fields)
    const id = columns.end({ bar, sequence, symbol, signal: side === 'buy' ? 0 : 1 })
    if (id > maxDecisions) fail('too_many_orders', `The run made more than ${maxDecisions} decisions`)
    return id
  }

  #addAction(action: 'cancel' | 'close', known: Known, target: number | null): number {
    const enums = new Map<EnumField, number>([['action', ACTIONS.indexOf(action)]])
    const numbers = new Map<NumberField, number>(target === null ? [] : [['target', target]])
    return this.#addRow(known, { numbers, enums })
  }

  #findOrder(id: number): Known | null {
    const own = this.#placed.get(id)
    if (own !== undefined) return own
    const found = this.look().orders.find((one) => one.id === id)
    return found === undefined ? null : { symbol: this.#symbols.indexOf(found.symbol), side: found.side }
  }

  #lotToClose(id: number): Known | null {
    const lot = this.look().lots.find((one) => one.id === id)
    if (lot === undefined) return null
    return { symbol: this.#symbols.indexOf(lot.symbol), side: lot.side === 'long' ? 'sell' : 'buy' }
  }

  /** A close sells longs and buys shorts; without lots it withdraws orders, of this call too. */
  #sideToClose(name: unknown): Known | null {
    const symbol = this.#symbols.indexOf(name as string)
    if (symbol < 0) {
      fail('bad_decision', `close() got ${describeValue(name)}, expected a symbol of the run or a lot's id`)
    }
    const { positions, orders } = this.look()
    const position = positions.find((one) => one.symbol === name)
    if (position !== undefined) return { symbol, side: position.side === 'long' ? 'sell' : 'buy' }
    const own = [...this.#placed.values()].find((one) => one.symbol === symbol)
    const order = orders.find((one) => one.symbol === name) ?? own
    return order === undefined ? null : { symbol, side: order.side === 'buy' ? 'sell' : 'buy' }
  }
}
