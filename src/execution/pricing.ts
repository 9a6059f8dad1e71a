import { PlatformError } from '../errors.ts'
import type { EventCostModel } from '../policies/fee.ts'
import type { FillPricer } from '../policies/fill-price.ts'
import type { SlippageModel } from '../policies/slippage.ts'
import { priceDown, priceUp, type SymbolRules } from './rounding.ts'

/** How fills are priced in a run: policies and the switches of `execution`. */
export interface Pricing {
  readonly fee: EventCostModel
  readonly slippage: SlippageModel
  /** Code of the user that prices fills; null: the rules alone do. */
  readonly fill: FillPricer | null
  readonly clamp: boolean
  /** Ticks by which a line must reach through a limit; 0: touch; −1: strictly through. */
  readonly penetrateTicks: number
}

const STRICT = -1

/** Reads `execution.limitTouch` (F2). @throws `invalid_config` for anything but strict, touch, penetrate_ticks=k. */
export function parseLimitTouch(text: string): number {
  if (text === 'strict') return STRICT
  if (text === 'touch') return 0
  const match = /^penetrate_ticks=(\d{1,6})$/.exec(text)
  if (match !== null) return Number(match[1])
  throw new PlatformError(
    'invalid_config',
    `Cannot use execution.limitTouch "${text.slice(0, 64)}": unknown, expected strict, touch or penetrate_ticks=k`,
    { errors: [{ pointer: '/execution/limitTouch', message: 'expected strict, touch or penetrate_ticks=k' }] },
  )
}

/** Whether a buy limit at `limit` is passed by a line that reaches down to x. Without a tick, penetration counts as touch. */
export function buyLimitPassed(x: number, limit: number, options: { ticks: number; tick: number | null }): boolean {
  if (options.ticks < 0) return x < limit
  return x <= limit - options.ticks * (options.tick ?? 0)
}

/** Whether a sell limit (take profit) at `limit` is passed by a line that reaches up to x. */
export function sellLimitPassed(x: number, limit: number, options: { ticks: number; tick: number | null }): boolean {
  if (options.ticks < 0) return x > limit
  return x >= limit + options.ticks * (options.tick ?? 0)
}

/** As above for a limit of `side`: 1 buys, −1 sells. */
export function limitPassed(
  x: number,
  limit: number,
  options: { side: number; ticks: number; tick: number | null },
): boolean {
  return options.side > 0 ? buyLimitPassed(x, limit, options) : sellLimitPassed(x, limit, options)
}

/** A symbol and the columns of its bars. */
export interface PricedSymbol {
  readonly index: number
  readonly rules: SymbolRules
  readonly market: { readonly low: Float64Array; readonly high: Float64Array; readonly volume: Float64Array }
}

/** What takes: `quantity` of one order, in the bar `row`, at `gross`. */
export interface Taking {
  readonly row: number
  readonly gross: number
  readonly quantity: number
}

/** Price of a taker buy (F11, F10): slippage, clamped to the bar if so configured, up to the tick. */
function takerBuyPrice(pricing: Pricing, symbol: PricedSymbol, { row, gross, quantity }: Taking): number {
  let price = pricing.slippage.price('buy', gross, quantity, symbol.market.volume[row]!, symbol.index, row)
  if (pricing.clamp) price = clampToBar(symbol, row, price)
  return priceUp(price, symbol.rules.tick)
}

/** Price of a taker sell: slippage, clamped to the bar if so configured, down to the tick. */
function takerSellPrice(pricing: Pricing, symbol: PricedSymbol, { row, gross, quantity }: Taking): number {
  let price = pricing.slippage.price('sell', gross, quantity, symbol.market.volume[row]!, symbol.index, row)
  if (pricing.clamp) price = clampToBar(symbol, row, price)
  return priceDown(price, symbol.rules.tick)
}

/** Price of a taker: `side` 1 buys, −1 sells. */
export function takerPrice(pricing: Pricing, symbol: PricedSymbol, side: number, taking: Taking): number {
  return side > 0 ? takerBuyPrice(pricing, symbol, taking) : takerSellPrice(pricing, symbol, taking)
}

function clampToBar(symbol: PricedSymbol, row: number, price: number): number {
  return Math.min(Math.max(price, symbol.market.low[row]!), symbol.market.high[row]!)
}
