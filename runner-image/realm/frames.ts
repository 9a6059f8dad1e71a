/** Objects through which a strategy reads columns. */
import type { CandleColumns } from '../../src/strategies/decision-types.ts'

/** No Object.prototype behind it, yet an object with a layout: one made with prototype null is a hash table, slow to write per bar. */
const FRAME_PROTOTYPE = Object.freeze({ __proto__: null })

/** Fields that the engine refills, and the columns of a view. Sealed: nothing is added, and a value of the strategy's is never read back. */
export function buildFrame<T extends object>(columns: CandleColumns, fields: T): T & CandleColumns {
  const frame = { ...fields }
  for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(columns))) {
    Object.defineProperty(frame, name, field)
  }
  return Object.seal(Object.setPrototypeOf(frame, FRAME_PROTOTYPE) as T & CandleColumns)
}
