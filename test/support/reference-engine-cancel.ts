import { knobsOf, note, quantityOf, sideOf } from './reference-engine-rules.ts'
import type { Book, ReferenceInput, Run, WorkingEntry } from './reference-engine-types.ts'

type CancelFields = { reason: string; step: number; time: number; decision: number }

/** A working entry ends without a fill. */
export function cancelEntry(run: Pick<Run, 'book' | 'input'>, id: number, fields: CancelFields): void {
  const { book, input } = run
  cancelIn(
    input,
    book,
    book.entries.find((e) => e.id === id)!,
    fields,
  )
}

export function cancelIn(input: ReferenceInput, book: Book, entry: WorkingEntry, fields: CancelFields): void {
  book.entries = book.entries.filter((other) => other !== entry)
  note(book, {
    reason: fields.reason,
    step: fields.step,
    time: fields.time,
    decision: fields.decision,
    kind: 'cancel',
    side: sideOf(entry.decided),
    orderType: entry.type,
    symbol: entry.symbol,
    order: entry.id,
    quantity: quantityOf(knobsOf(input, entry.symbol), entry.units),
  })
}
