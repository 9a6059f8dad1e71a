import { queueClose, refuse } from './reference-engine-decide.ts'
import { endOf, entryType, isOver } from './reference-engine-entries.ts'
import { areLegs, isTooEarly } from './reference-engine-legs.ts'
import { knobsOf, note, quantityOf, sideOf, toTick, unitsOf } from './reference-engine-rules.ts'
import type { Decided, Lot, Run } from './reference-engine-types.ts'

/** The end of step 2: legs that close and whose lot is open are placed once their time has come (P2, P6). */
export function placeExitLegs(run: Run, k: number): void {
  const { book, input } = run
  for (const decided of [...book.exitLegs].sort((a, b) => a.number - b.number)) {
    const lot = book.lots.find((one) => areLegs(one.decided, decided))
    const isComing = [...book.pending, ...book.entries].some((one) => areLegs(one.decided, decided))
    if (lot === undefined && isComing) {
      input.onBranch?.('exit leg without a lot yet')
      continue
    }
    if (lot !== undefined && isTooEarly(run, { decided }, k)) continue
    book.exitLegs = book.exitLegs.filter((one) => one !== decided)
    if (lot === undefined) refuse(run, decided, 'nothing_to_close', input.opens[k])
    else place(run, decided, lot, k)
  }
}

function place(run: Run, decided: Decided, lot: Lot, k: number): void {
  const { row } = decided
  const type = entryType(decided)
  run.input.onBranch?.(`exit leg placed: ${type}`)
  if (type === 'market') {
    const time = run.input.opens[k]!
    const { id } = lot
    return queueClose(run, decided, { reason: 'none', size: row.size!, side: sideOf(decided), lot: id, time })
  }
  if (type === 'stop_limit') throw new Error('a leg that closes is no stop_limit')
  const asked = unitsOf(knobsOf(run.input, row.symbol), row.size!)
  restExit(run, decided, { k, type, asked, free: lot.units, extreme: null, lot: lot.id })
}

/** An order begins to rest against the position, or one lot of it, unless it is too small for less than all of `free`. */
export function restExit(
  run: Run,
  decided: Decided,
  order: {
    k: number
    type: 'limit' | 'stop'
    asked: number
    free: number
    extreme: number | null
    lot: number | null
  },
): void {
  const { row } = decided
  const { book, input } = run
  const { k, type, asked, extreme, lot } = order
  const { symbol } = row
  const time = input.opens[k]!
  if (isOver(run, decided, k)) return refuse(run, decided, 'expired', time)
  const knobs = knobsOf(input, symbol)
  const isUp = (sideOf(decided) === 'sell') === (type === 'limit')
  const level = toTick(knobs, row.entryPrice!, isUp ? 'up' : 'down')
  const quantity = quantityOf(knobs, asked)
  if (quantity <= 0) return refuse(run, decided, 'zero_quantity', time)
  if (asked < order.free) {
    if (quantity < knobs.minQuantity) return refuse(run, decided, 'below_min_quantity', time)
    if (quantity * level < knobs.minNotional) return refuse(run, decided, 'below_min_notional', time)
  }
  const id = book.nextOrder++
  const endsAt = endOf(run, decided, k)
  book.exits.push({ id, decided, symbol, lot, type, level, extreme, units: asked, endsAt, liveBars: 0, waited: 0 })
  note(book, {
    kind: 'close',
    side: sideOf(decided),
    orderType: type,
    step: 2,
    symbol,
    order: id,
    lot: lot ?? 0,
    decision: decided.number,
    time,
    quantity,
    gross: level,
  })
}
