/** Rows that come in slices (look-ahead proof). */
import { slotOf, slotOpen } from '../../src/candles/interval.ts'
import type { UnitJob } from './wire.ts'

/** Lets a work unit have as many rows of each symbol as `rows` says. */
export function growRows(job: UnitJob, rows: readonly number[], memories: readonly SharedArrayBuffer[]): void {
  job.symbols.forEach((symbol, i) => {
    const { closes } = symbol
    const time = new Float64Array(memories[i]!, symbol.offsets[0], symbol.capacity)
    if (closes !== null) for (let row = symbol.rows; row < rows[i]!; row++) closes[row] = closeOf(job, time[row]!)
    symbol.rows = rows[i]!
  })
}

function closeOf({ interval }: UnitJob, time: number): number {
  return slotOpen(interval, slotOf(interval, time) + 1)
}
