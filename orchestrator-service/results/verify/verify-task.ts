import type { TimelineData } from '../../../src/backtest/timeline-data.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'

/** What the host knows of a run, to hold a claimed result against. */
export interface VerifyTask extends TimelineData {
  readonly config: RunConfig
  /** Rows of the benchmark in the window; null: buy-and-hold of the symbols. */
  readonly benchmark: CandleSeries | null
  /** The symbols of the configuration that the strategy trades, in their order. */
  readonly symbols: readonly string[]
  /** Whether phase 2 is played whole under `worst` and `best` too (F8). */
  readonly bounds?: 'rerun'
  /** Whether the strategy has an onBar, as the cell says. */
  readonly isPortfolio?: boolean
  /** Whether a look-ahead proof is to follow. */
  readonly proof: boolean
}
