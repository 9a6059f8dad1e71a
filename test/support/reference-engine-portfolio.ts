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
import { cancelEntry } from './reference-engine-fills.ts'
import { knobsOf, note, sideOf, unitsOf } from './reference-engine-rules.ts'
import type { Decided, Run } from './reference-engine-types.ts'

/** Step 2 of what a portfolio strategy did. */
export function actOn(run: Run, decided: Decided, k: number): void {
  if (decided.row.action === 'cancel') cancel(run, decided)
  else if (decided.row.action === 'close') close(run, decided, k)
  else if (decided.row.signal === 'BUY') buy(run, decided, k)
  else sell(run, decided, k)
}

function buy(run: Run, decided: Decided, k: number): void {
  const fault = faultOf(run, decided, k)
  if (fault !== null) refuse(run, decided, fault)
  else admitLater(run, decided)
}

function sell(run: Run, decided: Decided, k: number): void {
  const { row } = decided
  const lots = lotsOf(run, decided)
  if (lots.length === 0) return refuse(run, decided, 'nothing_to_close')
  if (hasEnded(run, row.symbol, k)) return refuse(run, decided, 'data_ended')
  const knobs = knobsOf(run.input, row.symbol)
  const asked = unitsOf(knobs, row.size!)
  let held = 0
  for (const lot of lots) held = held + lot.units
  if (asked - held > (knobs.step === null ? 1e-12 * asked : 0)) return refuse(run, decided, 'short_not_allowed')
  queueClose(run, decided, { reason: 'none', size: row.size!, side: 'sell', keepsEntries: true })
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
  const pending = book.pending.find((one) => one.decided.number === target)
  if (pending !== undefined) {
    book.pending = book.pending.filter((one) => one !== pending)
    return refuse(run, pending.decided, 'cancelled', time)
  }
  const entry = book.entries.find((one) => one.decided.number === target)
  if (entry !== undefined) {
    return cancelEntry(run, entry.id, { reason: 'cancelled', step: 2, time, decision: decided.number })
  }
  const queued = book.closes.find((one) => one.decided.number === target)
  if (queued === undefined) return refuse(run, decided, 'order_gone')
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
    decision: target!,
    time,
    quantity: queued.size ?? 0,
  })
  run.input.onBranch?.(`cancel of a close of ${sideOf(queued.decided)}`)
}
