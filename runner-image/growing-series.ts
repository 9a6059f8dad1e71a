import { CANDLE_COLUMNS, type CandleColumn, type CandleSeries } from '../src/candles/series.ts'

const BYTES = 8

/** A series that grows in shared memory: columns for all rows that there can be, of which some are there. */
export class GrowingSeries {
  /** With the whole columns: what is behind `rows` has not come. */
  readonly whole: CandleSeries
  rows = 0

  constructor(symbol: string, interval: CandleSeries['interval'], capacity: number) {
    const memory = new SharedArrayBuffer(capacity * BYTES * CANDLE_COLUMNS.length)
    const columns = CANDLE_COLUMNS.map((name, i) => [name, new Float64Array(memory, i * capacity * BYTES, capacity)])
    this.whole = { symbol, interval, rows: capacity, ...(Object.fromEntries(columns) as Columns) }
  }

  /** False: there is no room for so many rows. */
  append(part: CandleSeries): boolean {
    if (this.rows + part.rows > this.whole.rows) return false
    for (const name of CANDLE_COLUMNS) this.whole[name].set(part[name].subarray(0, part.rows), this.rows)
    this.rows += part.rows
    return true
  }

  /** The rows that are there. */
  get present(): CandleSeries {
    return { ...this.whole, rows: this.rows }
  }
}

type Columns = Record<CandleColumn, Float64Array>
