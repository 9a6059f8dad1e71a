import { matchDetail, type DetailMatch } from '../candles/detail.ts'
import type { CandleSeries } from '../candles/series.ts'
import { createMarkColumns, isUsableMark, type MarkColumns } from './mark-columns.ts'

/** Detail candles by which the bars of a symbol can be booked (F7). */
export interface DetailBars {
  readonly match: DetailMatch
  readonly candles: CandleSeries
  /** Marks at the detail candles, where the marks of their bar are not its own prices; null: there are none. */
  readonly marks: MarkColumns | null
  /** False: the mark candles are longer than these, so that nobody knows the marks inside a bar. */
  readonly isPlayable: boolean
}

export function matchDetailBars(base: CandleSeries, detail: CandleSeries | null): DetailMatch | null {
  return detail === null ? null : matchDetail(base, detail)
}

/** `baseMarks`: mark columns of the bars, `marks` what they were made of; null: the bars' own prices are their marks. */
export function createDetailBars(
  match: DetailMatch,
  candles: CandleSeries,
  { baseMarks, marks }: { baseMarks: MarkColumns | null; marks: CandleSeries | null },
): DetailBars {
  if (baseMarks === null || marks === null) return { match, candles, marks: null, isPlayable: true }
  if (!isUsableMark(candles.interval, marks.interval)) return { match, candles, marks: null, isPlayable: false }
  const columns = createMarkColumns(candles, marks)!
  for (let row = 0; row < match.series.rows; row++) {
    if (baseMarks.covered[row] === 1 || match.first[row]! < 0) continue
    const [from, to] = [match.first[row]!, match.first[row]! + match.parts[row]!]
    for (const name of ['open', 'high', 'low', 'close'] as const) {
      columns[name].set(candles[name].subarray(from, to), from)
    }
  }
  return { match, candles, marks: columns, isPlayable: true }
}
