import { belowMinimum, knobsOf, quantityOf, toTick, unitsOf, type Knobs } from './reference-engine-rules.ts'
import type { Book, ReferenceBar, ReferenceInput } from './reference-engine-types.ts'

/** What a fill, or a reserve, is charged for. `either`: the dearer of maker and taker. */
export interface Charged {
  side: 'buy' | 'sell'
  quantity: number
  price: number
  liquidity: 'maker' | 'taker' | 'either'
}

type Rates = { maker: number; taker: number }

/** Refuses policies that the reference does not know before anything depends on them. */
export function checkPolicies(input: ReferenceInput): void {
  slipped(input, { side: 'buy', gross: 1, quantity: 1, volume: 1 })
  feeOf(input, { traded: 0 }, { side: 'buy', quantity: 1, price: 1, liquidity: 'taker' })
}

/** Maker and taker rate of the fee as a share of notional; null: the fee is per unit. */
function ratesNow(input: ReferenceInput, traded: number): Rates | null {
  const { builtin, params } = input.config.fee
  if (builtin === 'zero') return { maker: 0, taker: 0 }
  if (builtin === 'percent') return { maker: Number(params['maker']), taker: Number(params['taker']) }
  if (builtin === 'perUnit') return null
  if (builtin !== 'tiered') throw new Error(`unknown fee ${builtin}`)
  const tiers = String(params['tiers'])
    .split(',')
    .map((tier) => tier.split(':').map(Number) as [number, number, number])
  const [from, maker, taker] = tiers.filter((tier) => tier[0] <= traded).at(-1)!
  if (from > 0) input.onBranch?.('a later tier')
  return { maker, taker }
}

function rateOf(rates: Rates, liquidity: Charged['liquidity']): number {
  return liquidity === 'either' ? Math.max(rates.maker, rates.taker) : rates[liquidity]
}

/** "Fees and slippage": the fee of a fill now. */
export function feeOf(input: ReferenceInput, book: Pick<Book, 'traded'>, charged: Charged): number {
  const rates = ratesNow(input, book.traded)
  if (rates !== null) return charged.quantity * charged.price * rateOf(rates, charged.liquidity)
  const { amount, minimum } = input.config.fee.params
  if (charged.quantity * Number(amount) < Number(minimum)) input.onBranch?.('minimum fee')
  const fee = Math.max(Number(minimum), charged.quantity * Number(amount))
  if (charged.side === 'buy' || fee <= charged.quantity * charged.price) return fee
  input.onBranch?.('fee of a sale cut to its notional')
  return charged.quantity * charged.price
}

/** P3 d: margin (on a spot market all of the notional) and fee. */
export function cashNeed(input: ReferenceInput, book: Book, entry: Omit<Charged, 'side'>): number {
  const leverage = input.config.perpetual?.leverage ?? 1
  return (entry.quantity * entry.price) / leverage + feeOf(input, book, { ...entry, side: 'buy' })
}

/** Notional and fee. */
export function fullNeed(input: ReferenceInput, book: Book, entry: Omit<Charged, 'side'>): number {
  return entry.quantity * entry.price + feeOf(input, book, { ...entry, side: 'buy' })
}

/** P3 d, shrink: the largest number of units that `free` pays for, or 0 when nothing allowed is left. */
export function shrinkUnits(
  input: ReferenceInput,
  book: Book,
  options: { knobs: Knobs; free: number; price: number; liquidity: Charged['liquidity']; isRest?: boolean },
): number {
  const { knobs, free, price, liquidity, isRest = false } = options
  if (free <= 0) return 0
  const rates = ratesNow(input, book.traded)
  const { amount, minimum } = input.config.fee.params
  let quantity = 0
  const leverage = input.config.perpetual?.leverage ?? 1
  if (rates !== null) quantity = free / (price * (1 / leverage + rateOf(rates, liquidity)))
  else {
    quantity = free / (price * (1 / leverage) + Number(amount))
    if (Number(minimum) > 0) quantity = Math.min(quantity, (free - Number(minimum)) / (price / leverage))
  }
  let units = unitsOf(knobs, quantity)
  const need = (): number => cashNeed(input, book, { quantity: quantityOf(knobs, units), price, liquidity })
  while (units > 0 && need() > free) {
    // From 2^53 on one step less is no other double
    units = knobs.step === null || units >= 2 ** 53 ? nextSmallerDouble(units) : units - 1
  }
  if (units <= 0) return 0
  // What is left of an order that has filled in part needs no minimum.
  if (!isRest && belowMinimum(knobs, quantityOf(knobs, units), price)) return 0
  return units
}

/** The next double below a positive x. */
function nextSmallerDouble(x: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  view.setBigInt64(0, view.getBigInt64(0) - 1n)
  return view.getFloat64(0)
}

/** up(g, q) and down(g, q). */
export function slipped(
  input: ReferenceInput,
  taking: { side: 'buy' | 'sell'; gross: number; quantity: number; volume: number },
): number {
  const { builtin, params } = input.config.slippage
  const { side, gross } = taking
  if (builtin === 'bps') {
    const bps = Number(params['bps'])
    return side === 'buy' ? gross * (1 + bps / 10000) : gross * (1 - bps / 10000)
  }
  if (builtin === 'halfSpread') {
    const half = Number(params['spread']) / 2
    return side === 'buy' ? gross + half : Math.max(gross - half, 0)
  }
  if (builtin !== 'volume') throw new Error(`unknown slippage ${builtin}`)
  const most = Number(params['maxPercent']) / 100
  let s = most
  if (taking.volume > 0) {
    const x = taking.quantity / taking.volume
    s = Number(params['k']) * (x * x)
    if (s > most) {
      input.onBranch?.('volume slippage at its most')
      s = most
    }
  }
  return side === 'buy' ? gross * (1 + s) : gross * (1 - s)
}

/** The most that a stop at `level` can cost. */
export function dearestStop(input: ReferenceInput, level: number): number {
  if (input.config.slippage.builtin === 'volume') {
    return level * (1 + Number(input.config.slippage.params['maxPercent']) / 100)
  }
  return slipped(input, { side: 'buy', gross: level, quantity: 0, volume: 1 })
}

/** "Price of a taker fill": slippage, clamp to the bar, tick, clamp to the limit. */
export function takerPrice(
  input: ReferenceInput,
  options: {
    symbol: number
    side: 'buy' | 'sell'
    gross: number
    quantity: number
    bar: ReferenceBar
    limit?: number
  },
): number {
  const { side, gross, quantity, bar } = options
  let price = slipped(input, { side, gross, quantity, volume: bar.volume })
  if (input.config.execution.clampSlippage) {
    if (price > bar.high || price < bar.low) input.onBranch?.('slippage clamped')
    if (price > bar.high) price = bar.high
    if (price < bar.low) price = bar.low
  }
  price = toTick(knobsOf(input, options.symbol), price, side === 'buy' ? 'up' : 'down')
  if (options.limit !== undefined && (side === 'buy' ? price > options.limit : price < options.limit)) {
    price = options.limit
  }
  return price
}
