import { MAX_LEGS } from '../backtest/decision-fields.ts'
import { TIMES_IN_FORCE } from '../backtest/decision-log.ts'
import { FILL_POLICIES } from '../policies/fill.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import type { Direction, OrderLeg, TradeMeta, TradeProposal } from './trade-proposal.ts'

type Bracket = Pick<TradeMeta, 'tpPct' | 'slPct' | 'crossingPolicy' | 'exitResolver'>
type EntryParams = Pick<TradeMeta, 'entryPrice' | 'entryTime' | 'tpPrice' | 'slPrice'>

/** Composes a proposal; `build` answers plain data, which `decide` returns. */
export class TradeProposalBuilder {
  readonly symbol: string
  readonly size: number
  readonly direction: Direction
  readonly #legs: OrderLeg[] = []
  #bracket: Bracket = {}
  #entry: EntryParams = {}

  /** `size`: base quantity of all legs together. */
  constructor(symbol: string, size: number, direction: Direction) {
    if (typeof symbol !== 'string') refuse('constructor', 'symbol', symbol)
    positive('constructor', 'size', size)
    if (direction !== 'BUY' && direction !== 'SELL') refuse('constructor', 'direction', direction)
    this.symbol = symbol
    this.size = size
    this.direction = direction
  }

  /**
   * n limit orders of size / n each, the rest of the division in the last: leg k at
   * reference · (1 − s·(startPct + k·stepPct)/100), s = 1 to buy, −1 to sell; 0 % is a market order.
   */
  scaleIn(n: number, startPct: number, stepPct: number, reference: number): this {
    if (!Number.isInteger(n) || n < 1 || n > MAX_LEGS) refuse('scaleIn', `n (1 to ${MAX_LEGS})`, n)
    if (!(startPct >= 0 && startPct < 100)) refuse('scaleIn', 'startPct (0 to 100)', startPct)
    if (!(stepPct >= 0 && startPct + (n - 1) * stepPct < 100)) refuse('scaleIn', 'stepPct', stepPct)
    positive('scaleIn', 'reference', reference)
    const sign = this.direction === 'BUY' ? 1 : -1
    let rest = this.size
    for (let k = 0; k < n; k++) {
      const quantity = k === n - 1 ? rest : this.size / n
      rest -= quantity
      const percent = startPct + k * stepPct
      const price = percent === 0 ? {} : { price: reference * (1 - (sign * percent) / 100), type: 'limit' as const }
      this.leg({ quantity, side: this.direction, ...price })
    }
    return this
  }

  /** Bracket in percent of the entry; prices of setEntryParams win. */
  bracketExit(bracket: Bracket): this {
    const { tpPct, slPct, crossingPolicy, exitResolver } = bracket
    if (tpPct !== undefined) positive('bracketExit', 'tpPct', tpPct)
    if (slPct !== undefined) positive('bracketExit', 'slPct', slPct)
    if (crossingPolicy !== undefined && !FILL_POLICIES.includes(crossingPolicy)) {
      refuse('bracketExit', `crossingPolicy (${FILL_POLICIES.join(', ')})`, crossingPolicy)
    }
    if (exitResolver !== undefined && !isNamed(exitResolver))
      refuse('bracketExit', 'exitResolver ({ fn, args })', exitResolver)
    known('bracketExit', bracket, ['tpPct', 'slPct', 'crossingPolicy', 'exitResolver'])
    this.#bracket = { ...bracket }
    return this
  }

  setEntryParams(params: EntryParams): this {
    for (const name of known('setEntryParams', params, ['entryPrice', 'entryTime', 'tpPrice', 'slPrice'])) {
      const value = params[name]
      if (value !== undefined) positive('setEntryParams', name, value)
    }
    this.#entry = { ...params }
    return this
  }

  /** One order more: with the side of the proposal an entry, with the other one a reduce-only exit of what they hold. */
  leg(leg: OrderLeg): this {
    known('leg', leg, ['quantity', 'side', 'price', 'type', 'timeInForce', 'expiresAfterBars', 'when', 'comment'])
    positive('leg', 'quantity', leg.quantity)
    if (leg.side !== 'BUY' && leg.side !== 'SELL') refuse('leg', `side ('BUY' or 'SELL')`, leg.side)
    if (leg.price !== undefined && !isNamed(leg.price)) positive('leg', 'price', leg.price)
    if (leg.timeInForce !== undefined && !TIMES_IN_FORCE.includes(leg.timeInForce)) {
      refuse('leg', `timeInForce (${TIMES_IN_FORCE.join(', ')})`, leg.timeInForce)
    }
    if (leg.side !== this.direction && isAtOnce(leg.timeInForce)) fail('bad_decision', NO_EXIT_AT_ONCE)
    if (leg.expiresAfterBars !== undefined) positive('leg', 'expiresAfterBars', leg.expiresAfterBars)
    if (leg.when !== undefined && leg.when !== 0 && !isNamed(leg.when)) positive('leg', 'when', leg.when)
    if (this.#legs.length === MAX_LEGS) fail('bad_decision', `A proposal has at most ${MAX_LEGS} legs`)
    this.#legs.push({ ...leg })
    return this
  }

  /** The proposal: without entry legs of its own one for all of `size` comes first, at entryPrice or at market. */
  build(): TradeProposal {
    const { symbol, direction, size } = this
    const { tpPct, slPct, crossingPolicy, exitResolver } = this.#bracket
    const { entryPrice, tpPrice, slPrice } = this.#entry
    const price = entryPrice === undefined ? {} : { price: entryPrice }
    const isEntered = this.#legs.some(({ side }) => side === direction)
    const legs = isEntered ? this.#legs : [{ quantity: size, side: direction, ...price }, ...this.#legs]
    return {
      meta: {
        symbol,
        direction,
        size,
        ...this.#entry,
        ...(tpPrice === undefined && tpPct !== undefined ? { tpPct } : {}),
        ...(slPrice === undefined && slPct !== undefined ? { slPct } : {}),
        ...(crossingPolicy === undefined ? {} : { crossingPolicy }),
        ...(exitResolver === undefined ? {} : { exitResolver }),
      },
      legs: legs.map((leg) => ({ ...leg })),
    }
  }
}

/** A leg against its proposal that would not wait for its price is refused by this name. */
export const NO_EXIT_AT_ONCE =
  'not supported yet: timeInForce ioc or fok of a leg against the direction of its proposal'

/** Whether the side of a leg is the other one than that of its proposal; false too if either is no side. */
export function isAgainst(side: unknown, direction: unknown): boolean {
  return (side === 'BUY' && direction === 'SELL') || (side === 'SELL' && direction === 'BUY')
}

/** Whether an order of a time in force fills when it is placed or never. */
export function isAtOnce(timeInForce: unknown): boolean {
  return timeInForce === 'ioc' || timeInForce === 'fok'
}

/** What is in it is looked at when the proposal is read. */
function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'fn' in value
}

function refuse(method: string, what: string, value: unknown): never {
  fail('bad_decision', `TradeProposalBuilder.${method}() was given ${describeValue(value)} as ${what}`)
}

function positive(method: string, what: string, value: unknown): void {
  if (typeof value !== 'number' || !(value > 0) || value - value !== 0) {
    refuse(method, `${what} (a positive number)`, value)
  }
}

/** The names; another one is refused. */
function known<Name extends string>(method: string, value: object, names: readonly Name[]): readonly Name[] {
  for (const name of Object.keys(value)) {
    if (!(names as readonly string[]).includes(name)) {
      fail('bad_decision', `not supported yet: ${name} of TradeProposalBuilder.${method}()`)
    }
  }
  return names
}
