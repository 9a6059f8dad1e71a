import type { Window } from '../../../src/backtest/window.ts'
import type { FundingSeries } from '../../../src/candles/funding-series.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { Instrument } from '../../../src/instruments/instrument.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'

/** What the host knows of a run, to hold a claimed result against. Series (the loaded rows) and instruments are those of `symbols`. */
export interface VerifyTask {
  readonly config: RunConfig
  readonly series: readonly CandleSeries[]
  readonly marks: readonly (CandleSeries | null)[]
  readonly funding: readonly (FundingSeries | null)[]
  readonly detail: readonly (CandleSeries | null)[]
  /** Rows of the benchmark in the window; null: buy-and-hold of the symbols. */
  readonly benchmark: CandleSeries | null
  readonly window: Window
  readonly lookback: number
  /** The symbols of the configuration that the strategy trades, in their order. */
  readonly symbols: readonly string[]
  readonly instruments: readonly (Instrument | null)[]
  /** Whether phase 2 is played whole under `worst` and `best` too (F8). */
  readonly bounds?: 'rerun'
  /** Whether the strategy has an onBar, as the cell says. */
  readonly isPortfolio?: boolean
  /** Whether a look-ahead proof is to follow. */
  readonly proof: boolean
}
