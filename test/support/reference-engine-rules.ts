import type {
  Book,
  Decided,
  Lot,
  ReferenceBar,
  ReferenceInput,
  ReferenceRecord,
  WorkingEntry,
} from './reference-engine-types.ts'

function numberOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text)
}

/** The knobs of a symbol as numbers; null: none. */
export interface Knobs {
  tick: number | null
  step: number | null
  minQuantity: number
  minNotional: number
}

export function knobsOf(input: ReferenceInput, symbol: number): Knobs {
  const instrument = input.instruments[symbol] ?? null
  return {
    tick: numberOf(instrument?.tick),
    step: numberOf(instrument?.step),
    minQuantity: numberOf(instrument?.minQuantity) ?? 0,
    minNotional: numberOf(instrument?.minNotional) ?? 0,
  }
}

/** F10: number of whole steps in x. */
export function wholeSteps(x: number, step: number, direction: 'down' | 'up'): number {
  const k = Math.round(x / step)
  if (Math.abs(x / step - k) <= 1e-9 * Math.max(1, Math.abs(k))) return k
  return direction === 'down' ? Math.floor(x / step) : Math.ceil(x / step)
}

export function toTick(knobs: Knobs, price: number, direction: 'down' | 'up'): number {
  return knobs.tick === null ? price : wholeSteps(price, knobs.tick, direction) * knobs.tick
}

/** Quantities are counted in units: whole steps, or the quantity itself without a step. */
export function unitsOf(knobs: Knobs, quantity: number): number {
  return knobs.step === null ? quantity : wholeSteps(quantity, knobs.step, 'down')
}

export function quantityOf(knobs: Knobs, units: number): number {
  return knobs.step === null ? units : units * knobs.step
}

export function slippageBps(input: ReferenceInput): number {
  if (input.config.slippage.builtin !== 'bps') throw new Error(`unknown slippage ${input.config.slippage.builtin}`)
  return Number(input.config.slippage.params['bps'])
}

export function feeRate(input: ReferenceInput, liquidity: 'maker' | 'taker'): number {
  const { builtin, params } = input.config.fee
  if (builtin === 'zero') return 0
  if (builtin !== 'percent') throw new Error(`unknown fee ${builtin}`)
  return Number(params[liquidity])
}

/** "Price of a taker fill": slippage, clamp to the bar, tick, clamp to the limit. */
export function takerPrice(
  input: ReferenceInput,
  options: { symbol: number; side: 'buy' | 'sell'; gross: number; bar: ReferenceBar; limit?: number },
): number {
  const bps = slippageBps(input)
  const { side, gross, bar } = options
  let price = side === 'buy' ? gross * (1 + bps / 10000) : gross * (1 - bps / 10000)
  if (input.config.execution.clampSlippage) {
    if (price > bar.high || price < bar.low) input.onBranch?.('slippage clamped')
    if (price > bar.high) price = bar.high
    if (price < bar.low) price = bar.low
  }
  price = toTick(knobsOf(input, options.symbol), price, side === 'buy' ? 'up' : 'down')
  if (options.limit !== undefined && price > options.limit) price = options.limit
  return price
}

/** F2 and limitTouch: does the price x pass a buy limit at `level`? */
export function passesBuyLimit(input: ReferenceInput, symbol: number, x: number, level: number): boolean {
  const touch = input.config.execution.limitTouch
  if (touch === 'strict') return x < level
  if (touch === 'touch') return x <= level
  return x <= level - penetration(input, symbol, touch)
}

/** The same mirrored, for a take profit. */
export function passesTakeProfit(input: ReferenceInput, symbol: number, x: number, level: number): boolean {
  const touch = input.config.execution.limitTouch
  if (touch === 'strict') return x > level
  if (touch === 'touch') return x >= level
  return x >= level + penetration(input, symbol, touch)
}

function penetration(input: ReferenceInput, symbol: number, touch: string): number {
  return Number(touch.slice('penetrate_ticks='.length)) * (knobsOf(input, symbol).tick ?? 0)
}

/** T3: rank high first, symbol, unit, sequence. 0: equal keys. */
export function compareT3(a: Decided, b: Decided): number {
  if (a.rank !== b.rank) return a.rank > b.rank ? -1 : 1
  if (a.row.symbol !== b.row.symbol) return a.row.symbol - b.row.symbol
  if (a.row.unit !== b.row.unit) return a.row.unit - b.row.unit
  return a.row.sequence - b.row.sequence
}

/** Cash that is not reserved, leaving out the reserve of one entry. */
export function freeCash(book: Book, except: WorkingEntry | null): number {
  let free = book.cash
  const entries = [...book.entries].sort((a, b) => a.id - b.id)
  for (const entry of entries) if (entry !== except) free = free - entry.reserve
  return free
}

export function cashNeed(quantity: number, price: number, rate: number): number {
  return quantity * price + quantity * price * rate
}

export function belowMinimum(knobs: Knobs, quantity: number, price: number): boolean {
  return quantity < knobs.minQuantity || quantity * price < knobs.minNotional
}

/** P3 d, shrink: the largest number of units that `free` pays for, or 0 when nothing allowed is left. */
export function shrinkUnits(knobs: Knobs, options: { free: number; price: number; rate: number }): number {
  const { free, price, rate } = options
  if (free <= 0) return 0
  let units = unitsOf(knobs, free / (price * (1 + rate)))
  while (units > 0 && cashNeed(quantityOf(knobs, units), price, rate) > free) {
    // From 2^53 on one step less is no other double
    units = knobs.step === null || units >= 2 ** 53 ? nextSmallerDouble(units) : units - 1
  }
  if (units <= 0 || belowMinimum(knobs, quantityOf(knobs, units), price)) return 0
  return units
}

/** The next double below a positive x. */
function nextSmallerDouble(x: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  view.setBigInt64(0, view.getBigInt64(0) - 1n)
  return view.getFloat64(0)
}

/** Quantity that the lots of a symbol hold, summed in order of opening. */
export function heldQuantity(input: ReferenceInput, lots: Lot[], symbol: number): number {
  let held = 0
  for (const lot of lots) if (lot.symbol === symbol) held += quantityOf(knobsOf(input, symbol), lot.units)
  return held
}

const BLANK: ReferenceRecord = {
  kind: 'refuse',
  reason: 'none',
  side: 'buy',
  orderType: 'none',
  rule: 'none',
  liquidity: 'none',
  path: 'none',
  step: 0,
  symbol: 0,
  order: 0,
  lot: 0,
  decision: 0,
  time: 0,
  quantity: 0,
  gross: 0,
  price: 0,
  fee: 0,
  realised: 0,
  needed: 0,
  available: 0,
  cash: 0,
}

/** Appends a record; absent fields are zero, cash is the cash after it. */
export function note(book: Book, fields: Partial<ReferenceRecord>): void {
  book.records.push({ ...BLANK, ...fields, cash: book.cash })
}
