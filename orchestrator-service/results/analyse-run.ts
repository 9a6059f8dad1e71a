import { explainRun } from '../../src/backtest/explain.ts'
import type { Explanation } from '../../src/backtest/explanation.ts'
import { decodeRecords } from '../../src/backtest/record-stream.ts'
import type { Window } from '../../src/backtest/window.ts'
import { intervalMs, slotOpen, type Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import {
  summariseBenchmark,
  summariseRun,
  type BenchmarkSummary,
  type RunSummary,
} from '../../src/performance/summarise.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'

/** Everything that is derived from a verified run: explanations, metrics, benchmark. */
export interface RunAnalysis {
  readonly explanation: Explanation
  readonly summary: RunSummary
  readonly benchmark: BenchmarkSummary
  /** Close of each base bar (ms UTC) and E there. */
  readonly time: Float64Array
  readonly equity: Float64Array
}

/** Explains and measures a run from the record stream and equity that the host itself computed. */
export function analyseRun(options: {
  config: RunConfig
  window: Window
  /** Loaded rows in the order of config.symbols. */
  series: readonly CandleSeries[]
  records: Uint8Array
  equity: Float64Array
}): RunAnalysis {
  const { config, window, series, equity } = options
  const explanation = explainRun({ records: decodeRecords(options.records), config, window, series })
  return {
    explanation,
    summary: summariseRun({ config, window, equity, explanation }),
    benchmark: summariseBenchmark({ config, window, series }),
    time: closeTimes(config.interval, window),
    equity,
  }
}

function closeTimes(interval: Interval, window: Window): Float64Array {
  const ms = intervalMs(interval)
  const times = new Float64Array(window.endSlot - window.firstSlot)
  for (let bar = 0; bar < times.length; bar++) {
    times[bar] = ms === null ? slotOpen(interval, window.firstSlot + bar + 1) : window.start + (bar + 1) * ms
  }
  return times
}
