import type { FundingSeries } from '../candles/funding-series.ts'
import type { CandleSeries } from '../candles/series.ts'
import type { Instrument } from '../instruments/instrument.ts'
import type { Window } from './window.ts'

/** What a timeline is played over; each list is in the order of the symbols that the strategy trades. */
export interface TimelineData {
  /** Exactly the loaded rows (window.ts). */
  readonly series: readonly CandleSeries[]
  /** Perpetuals: mark candles and funding rows of the window; null: there are none of that symbol. */
  readonly marks: readonly (CandleSeries | null)[]
  readonly funding: readonly (FundingSeries | null)[]
  /** Detail candles of the window, likewise (F7). */
  readonly detail: readonly (CandleSeries | null)[]
  readonly window: Window
  readonly lookback: number
  /** Null: no rounding, no minimums. */
  readonly instruments: readonly (Instrument | null)[]
}
