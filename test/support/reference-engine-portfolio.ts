import {
  admitLater,
  entriesOf,
  faultOf,
  hasEnded,
  lotsOf,
  queueClose,
  refuse,
  withdraw,
} from './reference-engine-decide.ts'
import { cancelClose } from './reference-engine-cap.ts'
import { restExit } from './reference-engine-exit-legs.ts'
import { cancelEntry } from './reference-engine-cancel.ts'
import { cancelResting } from './reference-engine-ends.ts'
import { knobsOf, note, opens, quantityOf, sideOf, unitsOf } from './reference-engine-rules.ts'
import type { Decided, Lot, PendingClose, Run } from './reference-engine-types.ts'

/** Step 2 of what a portfolio strategy did. */
export function actOn(run: Run, decided: Decided, k: number): void {
  if (decided.row.action === 'cancel') cancel(run, decided)
  else if (decided.row.action === 'close') close(run, decided, k)
  else order(run, decided, k)
}

/** Units of the position that no queued close asks for. */
function unasked(run: Run, symbol: number, lots: Lot[]): number {
  const knobs = knobsOf(run.input, symbol)
  let held = 0
  for (const lot of lots) held = held + lot.units
  let asked = 0
  for (const queued of run.book.closes.filter((one) => one.symbol === symbol)) {
    if (queued.lot !== null) asked = asked + (lots.find(({ id }) => id === queued.lot)?.units ?? 0)
    else if (queued.acted !== null) asked = asked + (queued.acted.rest ?? Infinity)
    else asked = asked + (queued.size === null ? Infinity : unitsOf(knobs, queued.size))
  }
  const free = held - asked
  return free > (knobs.step === null ? 1e-12 * held : 0) ? free : 0
}

function order(run: Run, decided: Decided, k: number): void {
  const { row } = decided
  const side = opens(decided)
  const mayOpen = side === 'long' || run.input.config.perpetual?.allowShort === true
  const against = lotsOf(run, decided).filter((lot) => lot.side !== side)
  const free = against.length === 0 ? 0 : unasked(run, row.symbol, against)
  if (free === 0) {
    if (row.reduceOnly === 'yes' || !mayOpen) return refuse(run, decided, 'nothing_to_close')
    const fault = faultOf(run, decided, k)
    if (fault !== null) return refuse(run, decided, fault)
    endOtherEntries(run, decided)
    return admitLater(run, decided)
  }
  if (hasEnded(run, row.symbol, k)) return refuse(run, decided, 'data_ended')
  const knobs = knobsOf(run.input, row.symbol)
  const asked = unitsOf(knobs, row.size!)
  const over = asked - free
  const closing = { reason: 'none', side: sideOf(decided), keepsEntries: true }
  const isOver = over > (knobs.step === null ? 1e-12 * asked : 0)
  if (row.entryType !== 'market') return restAgainst(run, decided, { k, free, asked, isOver, mayOpen })
  if (over <= (knobs.step === null ? 1e-12 * asked : 0))
    return queueClose(run, decided, { ...closing, size: row.size! })
  const all = { ...closing, size: quantityOf(knobs, free) }
  if (row.reduceOnly === 'yes') return queueClose(run, decided, all)
  if (!mayOpen) return refuse(run, decided, 'short_not_allowed')
  const fault = faultOf(run, decided, k)
  if (fault !== null) return refuse(run, decided, fault)
  run.input.onBranch?.('an order turns the position')
  endOtherEntries(run, decided)
  queueClose(run, decided, all)
  admitLater(run, { ...decided, row: { ...row, size: quantityOf(knobs, over) } })
}

/** A resting order against the position. */
function restAgainst(
  run: Run,
  decided: Decided,
  at: { k: number; free: number; asked: number; isOver: boolean; mayOpen: boolean },
): void {
  const { row } = decided
  const { input } = run
  const type = row.entryType
  const waits = row.timeInForce !== 'ioc' && row.timeInForce !== 'fok'
  const fits = !at.isOver || row.reduceOnly === 'yes'
  if (!fits && !at.mayOpen) return refuse(run, decided, 'short_not_allowed')
  if (!fits || !waits || input.config.execution.participation !== null || (type !== 'limit' && type !== 'stop')) {
    return refuse(run, decided, at.isOver && !at.mayOpen ? 'short_not_allowed' : 'opposite_position')
  }
  const trails = row.reduceOnly === 'yes' && (row.trailPct !== undefined || row.trailDistance !== undefined)
  const extreme = trails ? decided.close : null
  restExit(run, decided, { k: at.k, type, asked: at.asked, free: at.free, extreme, lot: null })
}

function endOtherEntries(run: Run, decided: Decided): void {
  if (entriesOf(run, decided).some((side) => side !== opens(decided))) withdraw(run, decided, 'reversed')
}

function close(run: Run, decided: Decided, k: number): void {
  const { row } = decided
  const lots = lotsOf(run, decided).filter((lot) => row.target === undefined || lot.id === row.target)
  if (lots.length > 0) {
    if (hasEnded(run, row.symbol, k)) return refuse(run, decided, 'data_ended')
    const side = lots[0]!.side === 'long' ? 'sell' : 'buy'
    return queueClose(run, decided, { reason: 'none', size: null, side, lot: row.target ?? null })
  }
  if (row.target === undefined && entriesOf(run, decided).length > 0) withdraw(run, decided, 'cancelled')
  else refuse(run, decided, 'nothing_to_close')
}

/** Everything that the order of that number has left ends now. */
function cancel(run: Run, decided: Decided): void {
  const { book } = run
  const { target } = decided.row
  const time = decided.instant
  const pending = book.pending.filter((one) => one.decided.number === target)
  const entry = book.entries.find((one) => one.decided.number === target)
  const queued = book.closes.find((one) => one.decided.number === target)
  for (const one of pending) {
    book.pending = book.pending.filter((other) => other !== one)
    refuse(run, one.decided, 'cancelled', time)
  }
  if (entry !== undefined) cancelEntry(run, entry.id, { reason: 'cancelled', step: 2, time, decision: decided.number })
  if (queued !== undefined) cancelQueued(run, queued, time)
  const exit = book.exits.find((one) => one.decided.number === target)
  if (exit !== undefined)
    cancelResting(run.input, book, exit, { reason: 'cancelled', step: 2, time, decision: decided.number })
  if (pending.length === 0 && [entry, queued, exit].every((one) => one === undefined))
    refuse(run, decided, 'order_gone')
}

function cancelQueued(run: Run, queued: PendingClose, time: number): void {
  const { book } = run
  book.closes = book.closes.filter((one) => one !== queued)
  if (queued.acted !== null) return cancelClose(run, queued, { reason: 'cancelled', step: 2, time })
  note(book, {
    kind: 'refuse',
    reason: 'cancelled',
    side: queued.side,
    orderType: 'market',
    step: 2,
    symbol: queued.symbol,
    order: queued.id,
    decision: queued.decided.number,
    time,
    quantity: queued.size ?? 0,
  })
}
