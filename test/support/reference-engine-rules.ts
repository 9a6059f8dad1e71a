import type {
  Book,
  Decided,
  Lot,
  ReferenceBar,
  ReferenceInput,
  ReferenceRecord,
  Run,
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
  const multiplier = Number(instrument?.multiplier ?? '1')
  const times = (contracts: number | null): number | null => (contracts === null ? null : contracts * multiplier)
  const step = times(numberOf(instrument?.step))
  // A step of whole units stays.
  const whole = Number.isInteger(step) && step !== 0 ? step : 1
  return {
    tick: numberOf(instrument?.tick),
    step: input.config.execution.quantity === 'integer' ? whole : step,
    minQuantity: times(numberOf(instrument?.minQuantity)) ?? 0,
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

/** F2 and limitTouch: does the price x pass a buy limit at `level`? */
function passesBuyLimit(input: ReferenceInput, symbol: number, x: number, level: number): boolean {
  const touch = input.config.execution.limitTouch
  if (touch === 'strict') return x < level
  if (touch === 'touch') return x <= level
  return x <= level - penetration(input, symbol, touch)
}

/** The same mirrored. */
function passesSellLimit(input: ReferenceInput, symbol: number, x: number, level: number): boolean {
  const touch = input.config.execution.limitTouch
  if (touch === 'strict') return x > level
  if (touch === 'touch') return x >= level
  return x >= level + penetration(input, symbol, touch)
}

function penetration(input: ReferenceInput, symbol: number, touch: string): number {
  return Number(touch.slice('penetrate_ticks='.length)) * (knobsOf(input, symbol).tick ?? 0)
}

/** Does the price x pass a limit that buys or sells? */
export function passesLimit(
  input: ReferenceInput,
  limit: { symbol: number; side: 'buy' | 'sell'; level: number },
  x: number,
): boolean {
  const passes = limit.side === 'buy' ? passesBuyLimit : passesSellLimit
  return passes(input, limit.symbol, x, limit.level)
}

/** Side of the order that a decision makes, and of the lot that it opens. */
export function sideOf(decided: Decided): 'buy' | 'sell' {
  return decided.row.signal === 'BUY' ? 'buy' : 'sell'
}

export function opens(decided: Decided): 'long' | 'short' {
  return decided.row.signal === 'BUY' ? 'long' : 'short'
}

/** T3: rank high first, symbol, unit, sequence. 0: equal keys. */
export function compareT3(a: Decided, b: Decided): number {
  if (a.rank !== b.rank) return a.rank > b.rank ? -1 : 1
  if (a.row.symbol !== b.row.symbol) return a.row.symbol - b.row.symbol
  if (a.row.unit !== b.row.unit) return a.row.unit - b.row.unit
  return a.row.sequence - b.row.sequence
}

export function belowMinimum(knobs: Knobs, quantity: number, price: number): boolean {
  return quantity < knobs.minQuantity || quantity * price < knobs.minNotional
}

/** Quantity that the lots of a symbol hold, summed in order of opening. */
export function heldQuantity(input: ReferenceInput, lots: Lot[], symbol: number): number {
  let held = 0
  for (const lot of lots) if (lot.symbol === symbol) held += quantityOf(knobsOf(input, symbol), lot.units)
  return held
}

/** Last bar of the symbol that closed by tau(k). */
export function lastBar(run: Run, symbol: number, k: number): ReferenceBar {
  for (let slot = k - 1; slot >= 0; slot--) {
    const row = run.rowAt(symbol, slot)
    if (row !== -1) return run.input.bars[symbol]![row]!
  }
  throw new Error('a lot without a bar before it')
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
