/* The prices through which the lines of a bar go: its own, or those of one of its detail candles (F7). */
import type { SymbolBook } from '../portfolio/book.ts'
import type { LinePrices } from './line-fills.ts'

/** A line and its marks; null: the prices are the marks. */
export interface Lines {
  readonly prices: LinePrices
  readonly marks: LinePrices | null
}

type Columns = Readonly<Record<'open' | 'high' | 'low' | 'close', Float64Array>>

function pricesAt(columns: Columns, row: number, from: number, to: number): LinePrices {
  const [open, high] = [columns.open[row]!, columns.high[row]!]
  return { open, high, low: columns.low[row]!, close: columns.close[row]!, from, to }
}

export function barPrices(book: SymbolBook, row: number): Lines {
  const marks = book.marks === null ? null : pricesAt(book.marks, row, Number.NaN, Number.NaN)
  return { prices: pricesAt(book.market, row, Number.NaN, Number.NaN), marks }
}

/**
 * The line of one detail candle comes from the close of the one before it, the first from the open of the bar; the last
 * goes on to the close of the bar.
 */
export function detailPrices(
  book: SymbolBook,
  row: number,
  { at, first, last }: { at: number; first: number; last: number },
): Lines {
  const { candles, marks } = book.detail!
  const joined = (columns: Columns, whole: Columns): LinePrices =>
    pricesAt(
      columns,
      at,
      at === first ? whole.open[row]! : columns.close[at - 1]!,
      at === last ? whole.close[row]! : Number.NaN,
    )
  return {
    prices: joined(candles, book.market),
    marks: marks === null ? null : joined(marks, book.marks ?? book.market),
  }
}

/** Whether a line can meet nothing: it reaches no level of the book. */
export function isDetailQuiet(book: SymbolBook, { prices, marks }: Lines): boolean {
  const [top, bottom] = [highest(prices), lowest(prices)]
  if (top >= book.upLevel || bottom <= book.downLevel) return false
  if (book.liquidation !== book.liquidation) return true
  const reached =
    book.side > 0 ? lowest(marks ?? prices) <= book.liquidation : highest(marks ?? prices) >= book.liquidation
  return !reached
}

function highest({ open, high, close, from, to }: LinePrices): number {
  return Math.max(open, high, close, from, to === to ? to : close)
}

function lowest({ open, low, close, from, to }: LinePrices): number {
  return Math.min(open, low, close, from, to === to ? to : close)
}
