import type { TimelineData } from '../src/backtest/timeline-data.ts'
import type { RunHeader } from '../src/protocol/header.ts'
import type { RunConfig } from '../src/protocol/run-config.ts'
import type { Monitor } from './pool/monitor.ts'
import type { Pool } from './pool/pool.ts'
import type { RunPlan } from './tasks/task.ts'

/** What the steps of a run share. */
export interface Stage {
  readonly header: RunHeader
  readonly plan: RunPlan
  readonly pool: Pool
  readonly monitor: Monitor
}

/** The candles of a run as they were read, and what goes with them. */
export interface Loaded extends Omit<TimelineData, 'lookback'> {
  readonly firstInWindow: number[]
  /** The configuration with the symbols that are traded. */
  readonly config: RunConfig
}

/** Members of the result document besides v, outcome and usage, as JSON text without braces; and the bars of the run. */
export interface RunDocument {
  readonly members: string
  readonly bars: number
}
