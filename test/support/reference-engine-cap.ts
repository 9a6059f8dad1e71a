import { knobsOf, note, quantityOf, unitsOf } from './reference-engine-rules.ts'
import type { Book, PendingClose, ReferenceBar, ReferenceInput, Run } from './reference-engine-types.ts'

/** F9: units that the fills of a symbol may still take in a bar. */
export function roomLeft(input: ReferenceInput, book: Book, symbol: number, bar: ReferenceBar): number {
  const share = input.config.execution.participation
  if (share === null) return Infinity
  const used = book.used.get(symbol)
  const cap = unitsOf(knobsOf(input, symbol), share * bar.volume)
  return Math.max(0, cap - (used?.time === bar.time ? used.units : 0))
}

/** What of `units` the bar has room for; dust of `whole` goes along. */
export function partOf(
  input: ReferenceInput,
  book: Book,
  asked: { symbol: number; bar: ReferenceBar; units: number; whole: number },
): number {
  const { symbol, bar, units, whole } = asked
  const left = roomLeft(input, book, symbol, bar)
  if (left >= units) return units
  const hasDust = knobsOf(input, symbol).step === null && left > 0
  if (hasDust && units - left <= 1e-12 * whole) return units
  input.onBranch?.(left === 0 ? 'no room in the bar' : 'room for a part')
  return left
}

/** A fill has taken `units` of the bar that opened at `time`. */
export function noteUsed(book: Book, symbol: number, fill: { time: number; units: number }): void {
  const before = book.used.get(symbol)
  const units = before?.time === fill.time ? before.units : 0
  book.used.set(symbol, { time: fill.time, units: units + fill.units })
}

/** A close that has sold something ends before it is done. */
export function cancelClose(
  run: Run,
  close: PendingClose,
  cancel: { reason: string; step: number; time: number },
): void {
  const { rest } = close.acted!
  note(run.book, {
    kind: 'cancel',
    ...cancel,
    side: close.side,
    orderType: 'market',
    symbol: close.symbol,
    order: close.id,
    decision: close.decided.number,
    quantity: rest === null ? 0 : quantityOf(knobsOf(run.input, close.symbol), rest),
  })
}
