import { explainRun } from '../../src/backtest/explain.ts'
import type { Explanation } from '../../src/backtest/explanation.ts'
import { decodeRecords } from '../../src/backtest/record-stream.ts'
import { RECORD_BYTES, type EngineRecord } from '../../src/backtest/records.ts'
import type { Window } from '../../src/backtest/window.ts'
import { symbolRules } from '../../src/execution/rounding.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import { intervalMs, slotOpen, type Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import {
  summariseBenchmark,
  summariseRun,
  type BenchmarkSummary,
  type RunSummary,
} from '../../src/performance/summarise.ts'
import { createMarks } from '../../src/performance/exposure.ts'
import type { CreateHasher } from '../../src/math/hasher.ts'
import { createRandomStream } from '../../src/math/random.ts'
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
  detail: readonly (CandleSeries | null)[]
  /** In the order of config.symbols; absent: no symbol has rules. */
  instruments?: readonly (Instrument | null)[]
  /** Rows of a benchmark of its own in the window, or null. */
  benchmark: CandleSeries | null
  records: Uint8Array
  /** What the replay noted of refusals; absent: nothing. */
  refusalTexts?: ReadonlyMap<number, string>
  equity: Float64Array
  createHasher: CreateHasher
}): RunAnalysis {
  const { config, window, series, detail, equity, instruments = [], refusalTexts = new Map<number, string>() } = options
  const records = recordsOf(options.records)
  const { quantity } = config.execution
  const hasSteps = config.symbols.map((_, i) => symbolRules(instruments[i] ?? null, { quantity }).step !== null)
  const explanation = explainRun({ records, config, window, series, detail, hasSteps, refusalTexts })
  const benchmark = summariseBenchmark({ config, window, series, benchmark: options.benchmark })
  const marks = config.perpetual === undefined ? null : createMarks(series)
  const random = createRandomStream({ seed: config.seed, label: 'bootstrap/v1', createHasher: options.createHasher })
  return {
    explanation,
    summary: summariseRun({ config, window, equity, explanation, benchmark, random, marks }),
    benchmark,
    time: closeTimes(config.interval, window),
    equity,
  }
}

/** Records a chunk at a time: a million of them as objects at once would take the thread's memory. */
function* recordsOf(bytes: Uint8Array): Generator<EngineRecord> {
  const chunk = 4096 * RECORD_BYTES
  for (let at = 0; at < bytes.length; at += chunk) yield* decodeRecords(bytes.subarray(at, at + chunk))
}

function closeTimes(interval: Interval, window: Window): Float64Array {
  const ms = intervalMs(interval)
  const times = new Float64Array(window.endSlot - window.firstSlot)
  for (let bar = 0; bar < times.length; bar++) {
    times[bar] = ms === null ? slotOpen(interval, window.firstSlot + bar + 1) : window.start + (bar + 1) * ms
  }
  return times
}
