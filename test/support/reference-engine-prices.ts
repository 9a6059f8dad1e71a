import { belowMinimum, knobsOf, quantityOf, toTick, unitsOf, type Knobs } from './reference-engine-rules.ts'
import type { ReferenceFeeEvent } from './reference-engine-users.ts'
import type { Book, ReferenceBar, ReferenceInput } from './reference-engine-types.ts'

/** What a fill, or a reserve, is charged for. `either`: the dearer of maker and taker. */
export interface Charged {
  side: 'buy' | 'sell'
  quantity: number
  price: number
  liquidity: 'maker' | 'taker' | 'either'
  /** Share of notional that is reckoned with where code of the user sets fees. */
  rate?: number | undefined
}

/** What a fill that code of the user prices is charged for. */
export type UserCharged = Omit<Charged, 'rate'> & { symbol: number; kind: ReferenceFeeEvent['kind'] }

type Rates = { maker: number; taker: number }

/** Refuses policies that the reference does not know before anything depends on them. */
export function checkPolicies(input: ReferenceInput): void {
  const bar = { time: 0, open: 1, high: 1, low: 1, close: 1, volume: 1 }
  const taking = { symbol: 0, side: 'buy', gross: 1, quantity: 1, bar } as const
  if (input.users?.slippage === undefined) slipped(input, taking)
  if (input.users?.fee === undefined) feeByRates(input, { traded: 0 }, { ...taking, price: 1, liquidity: 'taker' })
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
export function feeOf(input: ReferenceInput, book: Pick<Book, 'traded'>, charged: UserCharged): number {
  const ask = input.users?.fee
  if (ask === undefined) return feeByRates(input, book, charged)
  const { symbol, side, kind, quantity, price } = charged
  const liquidity = charged.liquidity === 'maker' ? 'maker' : 'taker'
  const notional = quantity * price
  return ask({ symbol: input.config.symbols[symbol]!, side, kind, quantity, price, notional, liquidity })
}

/** Share of notional that an entry is reckoned with where code of the user sets fees, else undefined. */
export function userRate(
  input: ReferenceInput,
  order: Omit<UserCharged, 'kind'> & { mayRest: boolean },
): number | undefined {
  if (input.users?.fee === undefined) return undefined
  // Inside a bar there is nothing but the reserve: the bound of every answer.
  const notional = order.quantity * order.price
  if (order.mayRest || notional === 0) return 0.05
  const fee = feeOf(input, { traded: 0 }, { ...order, kind: 'estimate' })
  return Math.max(0, fee / notional)
}

function feeByRates(input: ReferenceInput, book: Pick<Book, 'traded'>, charged: Charged): number {
  if (charged.rate !== undefined) return charged.rate * (charged.quantity * charged.price)
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
  return (entry.quantity * entry.price) / leverage + feeByRates(input, book, { ...entry, side: 'buy' })
}

/** Notional and fee. */
export function fullNeed(input: ReferenceInput, book: Book, entry: Omit<Charged, 'side'>): number {
  return entry.quantity * entry.price + feeByRates(input, book, { ...entry, side: 'buy' })
}

/** P3 d, shrink: the largest number of units that `free` pays for, or 0 when nothing allowed is left. */
export function shrinkUnits(
  input: ReferenceInput,
  book: Book,
  options: Pick<Charged, 'price' | 'liquidity' | 'rate'> & { knobs: Knobs; free: number; isRest?: boolean },
): number {
  const { knobs, free, price, liquidity, rate, isRest = false } = options
  if (free <= 0) return 0
  const rates = rate === undefined ? ratesNow(input, book.traded) : { maker: rate, taker: rate }
  const { amount, minimum } = input.config.fee.params
  let quantity = 0
  const leverage = input.config.perpetual?.leverage ?? 1
  if (rates !== null) quantity = free / (price * (1 / leverage + rateOf(rates, liquidity)))
  else {
    quantity = free / (price * (1 / leverage) + Number(amount))
    if (Number(minimum) > 0) quantity = Math.min(quantity, (free - Number(minimum)) / (price / leverage))
  }
  let units = unitsOf(knobs, quantity)
  const need = (): number => cashNeed(input, book, { quantity: quantityOf(knobs, units), price, liquidity, rate })
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
  taking: { symbol: number; side: 'buy' | 'sell'; gross: number; quantity: number; bar: ReferenceBar },
): number {
  const { builtin, params } = input.config.slippage
  const { side, gross, quantity, bar } = taking
  const ask = input.users?.slippage
  if (ask !== undefined) return ask({ symbol: input.config.symbols[taking.symbol]!, side, quantity }, bar, gross)
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
  if (bar.volume > 0) {
    const x = quantity / bar.volume
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
  const dearest = dearestSlip(input, level)
  return input.users?.fill === undefined ? dearest : Math.max(dearest, level * (1 + 0.1))
}

function dearestSlip(input: ReferenceInput, level: number): number {
  if (input.users?.slippage !== undefined) return level * (1 + 0.1)
  if (input.config.slippage.builtin === 'volume') {
    return level * (1 + Number(input.config.slippage.params['maxPercent']) / 100)
  }
  const bar = { time: 0, open: 0, high: 0, low: 0, close: 0, volume: 1 }
  return slipped(input, { symbol: 0, side: 'buy', gross: level, quantity: 0, bar })
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
  let price = slipped(input, { symbol: options.symbol, side, gross, quantity, bar })
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
