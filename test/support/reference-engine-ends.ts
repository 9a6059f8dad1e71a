import { knobsOf, note, quantityOf, sideOf } from './reference-engine-rules.ts'
import type { RestingExit } from './reference-engine-exit.ts'
import type { Book, ReferenceInput } from './reference-engine-types.ts'

type CancelFields = { reason: string; step: number; time: number; decision: number }

/** A resting exit ends without a fill. */
export function cancelResting(input: ReferenceInput, book: Book, exit: RestingExit, fields: CancelFields): void {
  book.exits = book.exits.filter((other) => other !== exit)
  const { reason, step, time, decision } = fields
  note(book, {
    reason,
    step,
    time,
    decision,
    kind: 'cancel',
    side: sideOf(exit.decided),
    orderType: exit.type,
    symbol: exit.symbol,
    order: exit.id,
    quantity: quantityOf(knobsOf(input, exit.symbol), exit.units),
  })
}

/** Nothing is left of the position. */
export function endExits(input: ReferenceInput, book: Book, symbol: number, fields: CancelFields): void {
  if (book.lots.some((lot) => lot.symbol === symbol)) return
  for (const exit of book.exits.filter((one) => one.symbol === symbol)) cancelResting(input, book, exit, fields)
}
