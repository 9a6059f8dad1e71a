import { partOf } from './reference-engine-cap.ts'
import { knobsOf, quantityOf, sideOf, unitsOf } from './reference-engine-rules.ts'
import { viewOf } from './reference-engine-users.ts'
import type { Run, WorkingEntry } from './reference-engine-types.ts'

/** F13: what the executor of an order makes of the bar of slot k; null: nothing of it fills. */
export function executed(run: Run, entry: WorkingEntry, k: number): { units: number; price: number } | null {
  const { input, book } = run
  const { symbol, units, asked, id, placed, decided } = entry
  const knobs = knobsOf(input, symbol)
  const bar = run.liveBar(symbol, k)!
  const { executor, entryPrice, timeInForce } = decided.row
  const room = partOf(input, book, { symbol, bar, units, whole: asked })
  const wantsAll = timeInForce === 'fok'
  if (room === 0 || (wantsAll && room < units)) {
    input.onBranch?.('executor without room')
    return null
  }
  const quantity = quantityOf(knobs, room)
  const order = {
    id,
    symbol: input.config.symbols[symbol]!,
    side: sideOf(decided),
    type: executor!,
    placed,
    size: quantityOf(knobs, asked),
    left: quantityOf(knobs, units),
    quantity,
    ...(entryPrice === undefined ? {} : { entryPrice }),
  }
  const parts = input.users!.executor!(executor!, order, bar, viewOf(run, run.equity, k))
  const total = parts.reduce((sum, part) => sum + part.quantity, 0)
  const isAll = total >= quantity - 1e-12 * quantity
  const filled = isAll ? room : Math.min(room, unitsOf(knobs, total))
  if (filled <= 0 || (wantsAll && filled < units)) {
    input.onBranch?.(wantsAll && filled > 0 ? 'executor with less than a fok wants' : 'executor fills nothing')
    return null
  }
  input.onBranch?.(filled === units ? 'executor fills the rest' : 'executor fills a part')
  const prices = parts.map((part) => part.price)
  const mean = parts.reduce((sum, part) => sum + part.quantity * part.price, 0) / total
  return { units: filled, price: Math.min(Math.max(mean, Math.min(...prices)), Math.max(...prices)) }
}
