import { heldQuantity, knobsOf, lastBar, opens, toTick } from './reference-engine-rules.ts'
import { areLegs, joinsOthers, lotOf } from './reference-engine-legs.ts'
import { proposalOf, viewOf } from './reference-engine-users.ts'
import { stopOf } from './reference-engine-sizing.ts'
import type { ReferenceDecision } from './reference-engine-decision.ts'
import type { Book, Decided, Lot, Run, WorkingEntry } from './reference-engine-types.ts'

/** What stands in the way; null: nothing. */
export type Limit = { needed: number; available: number } | null

const DAY = 24 * 60 * 60 * 1000

/** "Exposure" at tau(k). */
function exposure(run: Run, k: number): number {
  const { book, input } = run
  let sum = 0
  for (let symbol = 0; symbol < input.bars.length; symbol++) {
    if (!book.lots.some((lot) => lot.symbol === symbol)) continue
    sum = sum + heldQuantity(input, book.lots, symbol) * lastBar(run, symbol, k).close
  }
  const entries = [...book.entries].sort((a, b) => a.id - b.id)
  for (const entry of entries) sum = sum + entry.exposure
  return sum
}

function askedLegs(row: ReferenceDecision): number {
  let legs = 1
  if (row.tpPrice !== undefined || row.tpPct !== undefined) legs++
  const { slPrice, slPct, trailDistance, trailPct } = row
  if ([slPrice, slPct, trailDistance, trailPct].some((field) => field !== undefined)) legs++
  return legs
}

function lotLegs(lot: Lot): number {
  return [lot.tp, lot.sl].filter((level) => level !== null).length + 1
}

/** Of each proposal without a lot its first working entry. */
function firstOfEach(book: Book): WorkingEntry[] {
  const alone = book.entries.filter((entry) => lotOf(book, entry) === undefined).sort((a, b) => a.id - b.id)
  return alone.filter((entry, i) => !alone.slice(0, i).some((other) => areLegs(other.decided, entry.decided)))
}

/** P3 a. */
export function capacityLimit(run: Run, decided: Decided, k: number): Limit {
  const { row } = decided
  const joins = joinsOthers(run.book, decided)
  const user = run.input.users?.capacity
  if (user !== undefined) {
    const proposal = proposalOf(run, decided)
    const told = joins ? { ...proposal, joins: true } : proposal
    const isFree = user(told, run.input.opens[k]!, viewOf(run, run.equity, k)) === true
    return isFree ? null : { needed: 0, available: 0 }
  }
  const { lots, entries } = run.book
  const { builtin, params } = run.input.config.capacity
  const max = Number(params['max'])
  if (builtin === 'unlimited') return null
  if (builtin === 'maxPositions' || builtin === 'maxPerSymbol') {
    const counts = (held: { symbol: number }): boolean => builtin === 'maxPositions' || held.symbol === row.symbol
    if (joins) run.input.onBranch?.('leg beside others')
    if (joins) return null
    const used = lots.filter(counts).length + firstOfEach(run.book).filter(counts).length
    return used < max ? null : { needed: used + 1, available: max }
  }
  if (builtin === 'maxLegs') {
    let needed = joins ? 1 : askedLegs(row)
    for (const lot of lots) needed += lotLegs(lot)
    const first = firstOfEach(run.book)
    for (const entry of entries) {
      if (first.includes(entry)) needed += askedLegs(entry.decided.row)
      else if (entry.lot === null) needed += 1
    }
    return needed <= max ? null : { needed, available: max }
  }
  if (builtin !== 'grossExposure') throw new Error(`unknown capacity ${builtin}`)
  const needed = exposure(run, k)
  const available = (run.equity * Number(params['percent'])) / 100
  return needed < available ? null : { needed, available }
}

/** P3 e for an order of `quantity` at the reckoned `price`. */
export function riskLimit(
  run: Run,
  decided: Decided,
  order: { quantity: number; price: number; exposure: number; k: number },
): Limit | 'no_stop' {
  const { builtin, params } = run.input.config.risk
  const { row } = decided
  const user = run.input.users?.risk
  if (user !== undefined) {
    const { price, exposure: whole } = order
    const stop = stopOf(decided, price)
    const towards = opens(decided) === 'long' ? 'down' : 'up'
    const level = stop === null ? {} : { stop: toTick(knobsOf(run.input, row.symbol), stop, towards) }
    const asked = { ...proposalOf(run, decided), price, exposure: whole, ...level }
    return user(asked, order.quantity, viewOf(run, run.equity, order.k)) === true ? null : { needed: 0, available: 0 }
  }
  if (builtin === 'none') return null
  const part = Number(params['percent'])
  let needed = 0
  let available = (run.equity * part) / 100
  if (builtin === 'maxLossToStop') {
    const stop = stopOf(decided, order.price)
    if (stop === null) return 'no_stop'
    const knobs = knobsOf(run.input, row.symbol)
    if (opens(decided) === 'long') needed = order.quantity * (order.price - toTick(knobs, stop, 'down'))
    else needed = order.quantity * (toTick(knobs, stop, 'up') - order.price)
  } else if (builtin === 'grossExposure') {
    needed = exposure(run, order.k) + order.exposure
  } else if (builtin === 'dailyLoss') {
    const start = equityOfDayStart(run, order.k)
    needed = start - run.equity
    available = (start * part) / 100
    return needed >= available ? { needed, available } : null
  } else throw new Error(`unknown risk ${builtin}`)
  return needed > available ? { needed, available } : null
}

function equityOfDayStart(run: Run, k: number): number {
  const { opens, config } = run.input
  const midnight = opens[k]! - (opens[k]! % DAY)
  for (let j = k; j > 0; j--) {
    if (opens[j]! <= midnight) return run.equities[j - 1]!
  }
  return config.initialCash
}
