import type { Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'

const FIRST_CAPACITY = 4096

/** Columns that grow by doubling: the memory of a row is its 56 bytes, whatever the text of the file. */
export class CandleBuilder {
  rows = 0
  #columns = Array.from({ length: 7 }, () => new Float64Array(FIRST_CAPACITY))

  /** time, open, high, low, close, volume, and the line of the file. */
  push(values: readonly number[]): void {
    if (this.rows === this.#columns[0]!.length) this.#grow()
    for (let i = 0; i < 7; i++) this.#columns[i]![this.rows] = values[i]!
    this.rows++
  }

  #grow(): void {
    this.#columns = this.#columns.map((column) => {
      const larger = new Float64Array(column.length * 2)
      larger.set(column)
      return larger
    })
  }

  lineOf(row: number): number {
    return this.#columns[6]![row]!
  }

  series(symbol: string, interval: Interval): CandleSeries {
    const column = (i: number): Float64Array => this.#columns[i]!.subarray(0, this.rows)
    return {
      symbol,
      interval,
      rows: this.rows,
      time: column(0),
      open: column(1),
      high: column(2),
      low: column(3),
      close: column(4),
      volume: column(5),
    }
  }
}
