import type { Book, ReferenceBar, ReferenceInput } from './reference-engine-types.ts'

/** A fill that the rules have found, as docs/policies.md tells it to the `fill` of a user. */
export interface FoundFill {
  symbol: number
  side: 'buy' | 'sell'
  kind: 'entry' | 'exit'
  type: 'market' | 'limit' | 'stop' | 'stop_limit'
  quantity: number
  gross: number
  price: number
  limit: number | null
  liquidity: 'maker' | 'taker'
  bar: ReferenceBar
  view: object
}

/** Price of a fill: what the user's parts do not cover keeps its own, and the average is booked. */
export function filledAt(input: ReferenceInput, found: FoundFill): number {
  const ask = input.users?.fill
  const { symbol, bar, view, limit, ...rest } = found
  const { quantity, price } = found
  if (ask === undefined || quantity === 0) return price
  const name = input.config.symbols[symbol]!
  const parts = ask({ symbol: name, ...rest, ...(limit === null ? {} : { limit }) }, bar, view)
  if (parts.length === 0) return price
  input.onBranch?.(`fill of the user at ${found.kind}`)
  const uncovered = parts.reduce((left, part) => left - part.quantity, quantity)
  const isCovered = uncovered <= 1e-12 * quantity
  const all = isCovered ? parts : [...parts, { quantity: uncovered, price }]
  if (!isCovered) input.onBranch?.('fill of the user of a part')
  const worth = all.reduce((sum, part) => sum + part.quantity * part.price, 0)
  const prices = all.map((part) => part.price)
  const average = worth / (isCovered ? quantity - uncovered : quantity)
  return Math.max(Math.min(...prices), Math.min(average, Math.max(...prices)))
}

/** What the user is told of the account while a line is walked: as it was before. */
export function viewOnLine(book: Book): object {
  return book.told ?? {}
}
