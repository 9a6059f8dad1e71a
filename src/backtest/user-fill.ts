/*
 * Theory of operation: fill prices by code of the user (section 6). The rules say what fills where; the policy is told that
 * fill with the price that it would have, and answers parts of it with prices of their own. What no part covers keeps the
 * price of the rules, so [] changes nothing, and the fill is booked once, at the average. An entry that a line meets has
 * only its reserve, which bounds how dear it may get.
 */
import type { FillAsk, FillPricer } from '../policies/fill-price.ts'
import { averageOf, readParts, sumOfParts } from './fill-parts.ts'
import type { UserCode } from './user-port.ts'
import { barOf, given, viewOf, type Account } from './user-views.ts'

/** Share of the gross price by which a buy stop may get dearer inside a bar. */
export const MOST_ABOVE_STOP = 0.1

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

/** Fill prices by code of the user: `fill(order, bar, view)`; parts in the bar, not beyond a limit, together at most the order. */
export function createUserFill(user: UserCode, at: () => Account): FillPricer {
  let calls = 0
  return {
    price(ask) {
      const state = at()
      const { symbol, row, side, kind, type, quantity, gross, price, limit, liquidity } = ask
      const name = state.input.config.symbols[symbol]!
      const order = { symbol: name, side, kind, type, quantity, gross, price, limit: given(limit), liquidity }
      const bar = barOf(state.books[symbol]!.market, row)
      const answered = { what: 'fill', call: calls++ }
      const parts = readParts(user.ask('fill', [order, bar, viewOf(state, state.account.equity())], []), answered)
      if (parts.length === 0) return price
      const [least, most] = boundsOf(state, ask)
      sumOfParts(parts, answered, { quantity, least, most })
      return averageOf(parts, { quantity, price })
    },
  }
}
