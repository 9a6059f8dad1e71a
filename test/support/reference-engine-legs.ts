import { cancelIn } from './reference-engine-cancel.ts'
import { cancelResting } from './reference-engine-ends.ts'
import { knobsOf, note, quantityOf, sideOf, unitsOf } from './reference-engine-rules.ts'
import type { Book, Decided, Lot, Pending, ReferenceInput, Run, WorkingEntry } from './reference-engine-types.ts'

/** Legs of one proposal (P6). */
export function areLegs(a: Decided, b: Decided): boolean {
  return a.legs !== null && a.legs === b.legs
}

/** Whether a leg closes what the first leg of its proposal, and all of its side, enter. */
export function isExitLeg(decided: Decided): boolean {
  return decided.legs !== null && sideOf(decided.legs[0]!) !== sideOf(decided)
}

/** The open lot that an entry goes into: of its own first fill, or of another leg. */
export function lotOf(book: Book, entry: WorkingEntry): Lot | undefined {
  return book.lots.find((lot) => lot.id === entry.lot || areLegs(lot.decided, entry.decided))
}

/** Whether other legs of the proposal work or hold. */
export function joinsOthers({ lots, entries }: Book, decided: Decided): boolean {
  return [...lots, ...entries].some((other) => areLegs(other.decided, decided))
}

/** What still enters a lot ends: working legs are cancelled, waiting ones refused. */
export function endLegs(
  input: ReferenceInput,
  book: Book,
  lot: Lot,
  why: { step: number; time: number; decision: number },
): void {
  const entries = book.entries.filter((entry) => lotOf(book, entry) === lot).sort((a, b) => a.id - b.id)
  if (entries.length > 0) input.onBranch?.('rest of a closed lot')
  for (const entry of entries) cancelIn(input, book, entry, { reason: 'closed_lot', ...why })
  for (const exit of book.exits.filter((one) => one.lot === lot.id)) {
    input.onBranch?.('exit leg ends with its lot')
    cancelResting(input, book, exit, { reason: 'closed_lot', ...why })
  }
  const isOf = (decided: Decided): boolean => areLegs(decided, lot.decided)
  const byNumber = (a: Decided, b: Decided): number => a.number - b.number
  const entering = book.pending.map(({ decided }) => decided).filter(isOf)
  const leaving = book.exitLegs.filter(isOf)
  for (const decided of [...entering.sort(byNumber), ...leaving.sort(byNumber)]) {
    input.onBranch?.(`waiting ${isExitLeg(decided) ? 'exit ' : ''}leg of a closed lot`)
    note(book, {
      kind: 'refuse',
      reason: 'closed_lot',
      side: sideOf(decided),
      step: why.step,
      time: why.time,
      symbol: lot.symbol,
      decision: decided.number,
      quantity: decided.row.size ?? 0,
    })
  }
  book.pending = book.pending.filter(({ decided }) => !isOf(decided))
  book.exitLegs = book.exitLegs.filter((decided) => !isOf(decided))
}

/** Whether a leg is not live at tau(k) yet (P7). */
export function isTooEarly(run: Run, { decided: { row, asked } }: Pick<Pending, 'decided'>, k: number): boolean {
  if (asked !== null && (!asked.isLive || (row.priceFn !== undefined && row.entryPrice === undefined))) return true
  if (row.liveTime !== undefined && row.liveTime > run.input.opens[k]!) return true
  return row.liveBar !== undefined && (run.liveBar(row.symbol, k) === null || run.rowAt(row.symbol, k) < row.liveBar)
}

/** Units of an entry leg: the last one takes what rounding left of all of them. */
export function unitsOfLeg(input: ReferenceInput, decided: Decided, target: number): number {
  const knobs = knobsOf(input, decided.row.symbol)
  const { asked } = decided
  const legs = decided.legs?.filter((leg) => !isExitLeg(leg)) ?? null
  if (asked !== null && asked.left !== null) return asked.left
  if (legs === null || knobs.step === null || legs.at(-1) !== decided) return unitsOf(knobs, target)
  let all = 0
  let others = 0
  for (const leg of legs) {
    all = all + leg.row.size!
    if (leg !== decided) others = others + unitsOf(knobs, leg.row.size!)
  }
  const units = unitsOf(knobs, all) - others
  if (quantityOf(knobs, units) !== quantityOf(knobs, unitsOf(knobs, target)))
    input.onBranch?.('rounding in the last leg')
  return units
}
