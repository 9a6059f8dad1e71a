/*
 * Theory of operation: fill prices by code of the user (section 6). The rules say what fills where; the policy is told that
 * fill with the price that it would have, and answers parts of it with prices of their own. What no part covers keeps the
 * price of the rules, so [] changes nothing, and the fill is booked once, at the average. An entry that a line meets has
 * only its reserve, which bounds how dear it may get.
 */
import { REMAINDER } from '../execution/participation.ts'
import type { FillAsk, FillPricer } from '../policies/fill-price.ts'
import { describeValue, fail } from '../strategies/failures.ts'
import type { PlainData, UserCode } from './user-port.ts'
import { given, viewOf, type Account } from './user-views.ts'

const MAX_PARTS = 1000
/** Share of the gross price by which a buy stop may get dearer inside a bar. */
export const MOST_ABOVE_STOP = 0.1

interface Part {
  readonly quantity: number
  readonly price: number
}

/** Between which prices a part may lie. */
function boundsOf({ books }: Account, { symbol, row, side, gross, limit, isReserved }: FillAsk): [number, number] {
  const { market } = books[symbol]!
  let low = market.low[row]!
  let high = market.high[row]!
  if (side === 'sell') {
    if (limit > low) low = limit
    if (isReserved) high = Math.min(high, gross)
  } else if (limit === limit) high = Math.min(high, limit)
  else if (isReserved) high = Math.min(high, gross * (1 + MOST_ABOVE_STOP))
  return [low, high]
}

function readParts(answer: PlainData, call: number): Part[] {
  if (!Array.isArray(answer)) {
    return fail('bad_answer', `The fill answered call ${call} with ${describeValue(answer)}, expected an array`)
  }
  if (answer.length > MAX_PARTS) {
    return fail(
      'policy_out_of_bounds',
      `The fill answered call ${call} with ${answer.length} parts, expected at most ${MAX_PARTS}`,
    )
  }
  return answer.map((part: PlainData) => {
    const isRecord = typeof part === 'object' && part !== null && !Array.isArray(part)
    const { quantity, price, ...rest } = isRecord ? (part as Record<string, PlainData>) : {}
    if (typeof quantity !== 'number' || typeof price !== 'number' || Object.keys(rest).length > 0) {
      return fail(
        'bad_answer',
        `The fill answered call ${call} with a part of another shape, expected {quantity, price}`,
      )
    }
    return { quantity, price }
  })
}

/** Average over the parts and, at `price`, what they leave of `quantity`. */
function averageOf(parts: readonly Part[], { quantity, price }: Part): number {
  let left = quantity
  let value = 0
  let lowest = Number.POSITIVE_INFINITY
  let highest = 0
  const add = (part: Part): void => {
    left -= part.quantity
    value += part.quantity * part.price
    lowest = Math.min(lowest, part.price)
    highest = Math.max(highest, part.price)
  }
  for (const part of parts) add(part)
  if (left > REMAINDER * quantity) add({ quantity: left, price })
  // Rounding must not lead beyond a limit
  return Math.min(Math.max(value / (quantity - left), lowest), highest)
}

/** Fill prices by code of the user: `fill(order, bar, view)`; parts in the bar, not beyond a limit, together at most the order. */
export function createUserFill(user: UserCode, at: () => Account): FillPricer {
  let calls = 0
  return {
    price(ask) {
      const state = at()
      const { symbol, row, side, kind, type, quantity, gross, price, limit, liquidity } = ask
      const { series, open, high, low, close, volume } = state.books[symbol]!.market
      const name = state.input.config.symbols[symbol]!
      const order = { symbol: name, side, kind, type, quantity, gross, price, limit: given(limit), liquidity }
      const bar = {
        time: series.time[row]!,
        open: open[row]!,
        high: high[row]!,
        low: low[row]!,
        close: close[row]!,
        volume: volume[row]!,
      }
      const parts = readParts(user.ask('fill', [order, bar, viewOf(state, state.account.equity())], []), calls)
      const call = calls++
      if (parts.length === 0) return price
      const [least, most] = boundsOf(state, ask)
      let sum = 0
      for (const part of parts) {
        if (!(part.quantity > 0)) {
          return fail(
            'policy_out_of_bounds',
            `The fill answered call ${call} with a quantity of ${part.quantity}, expected more than 0`,
          )
        }
        if (!(part.price >= least && part.price <= most)) {
          return fail(
            'policy_out_of_bounds',
            `The fill answered call ${call} with a price of ${part.price}, expected ${least} to ${most}`,
          )
        }
        sum += part.quantity
      }
      if (sum > quantity + REMAINDER * quantity) {
        return fail(
          'policy_out_of_bounds',
          `The fill answered call ${call} with ${sum} in all, expected at most ${quantity}`,
        )
      }
      return averageOf(parts, { quantity, price })
    },
  }
}
