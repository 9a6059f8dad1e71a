import { partOf } from './reference-engine-cap.ts'
import { cancelIn } from './reference-engine-cancel.ts'
import { goOn } from './reference-engine-fills.ts'
import { enterOnLine } from './reference-engine-line-cash.ts'
import { filledAt, viewOnLine, type FoundFill } from './reference-engine-user-fill.ts'
import { takerPrice } from './reference-engine-prices.ts'
import type { Walk } from './reference-engine-path.ts'
import { knobsOf, quantityOf, sideOf } from './reference-engine-rules.ts'
import { restingLevel } from './reference-engine-stops.ts'
import type { Book, ReferenceInput, WorkingEntry } from './reference-engine-types.ts'

/** An entry that the line meets. */
interface Met {
  entry: WorkingEntry
  walk: Walk
}

/** Its fill by a rule. */
interface LineFill extends Pick<FoundFill, 'quantity' | 'gross' | 'price' | 'liquidity'> {
  units: number
  rule: 'F2' | 'F3' | 'F4'
}

/** F9 and F5: what of it fills there; 0: nothing, it only triggers. */
function unitsMet(input: ReferenceInput, book: Book, { entry, walk }: Met): number {
  const units = partOf(input, book, { symbol: entry.symbol, bar: walk.bar, units: entry.units, whole: entry.asked })
  return entry.decided.row.timeInForce === 'fok' && units < entry.units ? 0 : units
}

/** What triggers without a fill: cancelled, or it goes on. */
function trigger(input: ReferenceInput, book: Book, { entry, walk }: Met): void {
  const { timeInForce } = entry.decided.row
  goOn(entry, walk.time)
  if (timeInForce !== 'ioc' && timeInForce !== 'fok') return
  input.onBranch?.(`${entry.type} unfilled on the path`)
  const fields = { reason: 'unfilled', step: 7, time: walk.time, decision: entry.decided.number }
  cancelIn(input, book, entry, fields)
}

/** At the price that code of the user makes of that of the rule. */
function enter(input: ReferenceInput, book: Book, { entry, walk }: Met, { quantity, ...fill }: LineFill): void {
  const { symbol, type } = entry
  const { gross, price, liquidity } = fill
  const limit = type === 'limit' ? entry.level : entry.limit
  const met = { symbol, side: sideOf(entry.decided), kind: 'entry', type, limit, bar: walk.bar } as const
  const own = filledAt(input, { ...met, quantity, gross, price, liquidity, view: viewOnLine(book) })
  enterOnLine(input, book, entry, { ...fill, price: own, path: walk.line, step: 7, time: walk.time })
}

/** A fill at the level of a stop, after slippage. */
function takeAtStop(
  input: ReferenceInput,
  book: Book,
  met: Met,
  { units, rule }: { units: number; rule: 'F3' | 'F4' },
): void {
  const { level: gross, symbol, limit, decided } = met.entry
  const quantity = quantityOf(knobsOf(input, symbol), units)
  const bound = limit === null ? {} : { limit }
  const price = takerPrice(input, { symbol, side: sideOf(decided), gross, quantity, bar: met.walk.bar, ...bound })
  enter(input, book, met, { units, rule, quantity, gross, price, liquidity: 'taker' })
}

export function stopEntry(input: ReferenceInput, book: Book, met: Met): void {
  const units = unitsMet(input, book, met)
  if (units === 0) return trigger(input, book, met)
  takeAtStop(input, book, met, { units, rule: 'F3' })
}

/** F4 on the line: a fill at the stop if the limit allows it, else the order is a limit from the next bar on. */
export function stopLimitEntry(input: ReferenceInput, book: Book, met: Met): void {
  const { level, limit, decided } = met.entry
  const isBeyond = sideOf(decided) === 'buy' ? level > limit! : level < limit!
  if (isBeyond) input.onBranch?.('stop_limit rests after the path')
  const units = isBeyond ? 0 : unitsMet(input, book, met)
  if (units === 0) return trigger(input, book, met)
  takeAtStop(input, book, met, { units, rule: 'F4' })
}

export function limitEntry(input: ReferenceInput, book: Book, met: Met): void {
  const gross = restingLevel(met.entry)
  const units = unitsMet(input, book, met)
  const quantity = quantityOf(knobsOf(input, met.entry.symbol), units)
  enter(input, book, met, { units, rule: 'F2', quantity, gross, price: gross, liquidity: 'maker' })
}
