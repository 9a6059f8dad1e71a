import type { DecisionLog } from '../../src/backtest/decision-log.ts'
import { playTimeline } from '../../src/backtest/play-timeline.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { runBuiltin } from '../../src/strategies/builtin-catalogue.ts'

const ROWS = 4096
/** Bars between two decisions; BUY and SELL take turns. */
const STRIDE = 8
const MINUTE = 60_000
/** Bars of the slow wave: averages of usual lengths must cross, or the code behind a crossing is not there when it is needed. */
const WAVE = 1024
/** Times of real bars: V8 keeps numbers of this size in another form than small ones, and code for those would not last. */
const START = 1_577_836_800_000

/** A series that rises and falls, quickly and slowly, so that brackets of 2 % are met now and then. */
export function sawtooth(rows: number): CandleSeries {
  const column = (value: (row: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => value(i))
  const wave = (row: number): number => Math.abs((row % WAVE) - WAVE / 2) / 16
  const close = (row: number): number => 100.25 + ((row * 7) % 61) / 8 + wave(row)
  const open = (row: number): number => (row === 0 ? close(0) : close(row - 1))
  return {
    symbol: 'WARM',
    interval: '1m',
    rows,
    time: column((row) => START + row * MINUTE),
    open: column(open),
    high: column((row) => Math.max(open(row), close(row)) + 0.125),
    low: column((row) => Math.min(open(row), close(row)) - 0.125),
    close: column(close),
    volume: column(() => 1.5),
  }
}

function alternating(): DecisionLog {
  const rows = Math.floor(ROWS / STRIDE) - 1
  return {
    rows,
    unit: new Uint32Array(rows),
    bar: Uint32Array.from({ length: rows }, (_, row) => (row + 1) * STRIDE),
    symbol: new Uint32Array(rows),
    sequence: new Uint32Array(rows),
    signal: Uint8Array.from({ length: rows }, (_, row) => row % 2),
    numbers: new Map(),
    enums: new Map(),
    texts: new Map(),
    strings: [],
  }
}

/** About 1 ms each; more of them make nothing faster. */
const TIMES = 12
/** A kernel needs more rows than phase 2 until its machine code is the best one, and takes about 0.04 ms each. */
const KERNEL_TIMES = 8

/**
 * Plays made-up decisions over made-up candles, so that the machine code of phase 2 exists before the job's own candles are
 * there: the thread has nothing better to do while they stream in. It keeps nothing, so no result depends on it.
 * @param config that of the job: its strategy and policies are what shall be warm
 */
export function warmEngine(config: RunConfig): void {
  const series = sawtooth(ROWS)
  const decisions = alternating()
  const firstSlot = START / MINUTE
  const window = { firstSlot, endSlot: firstSlot + ROWS, start: START, end: START + ROWS * MINUTE }
  const warm: RunConfig = { ...config, symbols: ['WARM'], interval: '1m', initialCash: 10_000 }
  for (let i = 0; i < TIMES; i += 1) {
    if ('builtin' in config.strategy)
      for (let k = 0; k < KERNEL_TIMES; k += 1) runBuiltin({ spec: config.strategy, series, first: 0 })
    playTimeline({ config: warm, series: [series], window, lookback: 0, instruments: [null], decisions })
  }
}
