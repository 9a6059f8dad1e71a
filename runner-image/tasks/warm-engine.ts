import type { DecisionLog } from '../../src/backtest/decision-log.ts'
import { playTimeline } from '../../src/backtest/play-timeline.ts'
import { portBindings } from '../../src/backtest/port-bindings.ts'
import { NO_USER_CODE } from '../../src/backtest/user-port.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import { plainPerpetual } from '../../src/instruments/plain-perpetual.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { runBuiltin } from '../../src/strategies/builtin-catalogue.ts'
import { timelineOf } from './execute-task.ts'

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
  // Off the last close: orders for all of E then cost more or less than was reserved, as they do in markets
  const open = (row: number): number => (row === 0 ? close(0) : close(row - 1) + ((row % 3) - 1) / 16)
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

/** In percent: a third of the lots meet it. */
const BRACKET = 4

function alternating(brackets: boolean): DecisionLog {
  const rows = Math.floor(ROWS / STRIDE) - 1
  const percent = (): Float64Array => new Float64Array(rows).fill(BRACKET)
  return {
    rows,
    unit: new Uint32Array(rows),
    bar: Uint32Array.from({ length: rows }, (_, row) => (row + 1) * STRIDE),
    symbol: new Uint32Array(rows),
    sequence: new Uint32Array(rows),
    signal: Uint8Array.from({ length: rows }, (_, row) => row % 2),
    numbers: brackets
      ? new Map([
          ['tpPct', percent()],
          ['slPct', percent()],
        ])
      : new Map(),
    enums: new Map(),
    texts: new Map(),
    strings: [],
  }
}

/** What the rules of perpetuals ask for. */
const INSTRUMENT = plainPerpetual('WARM', '0.005')

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
  // What code of the user would answer cannot be made up
  if (portBindings(config).length > 0) return
  const firstSlot = START / MINUTE
  // Money that is no integer from the beginning: code for small integers would not last
  const initialCash = 10_000.5
  // Objects that came in a message are of other shapes than those of our own, and shapes are what the code is made for
  const task = structuredClone({
    config: { ...config, symbols: ['WARM'], interval: '1m' as const, initialCash },
    series: [sawtooth(ROWS)],
    marks: [null],
    funding: [null],
    detail: [null],
    window: { firstSlot, endSlot: firstSlot + ROWS, start: START, end: START + ROWS * MINUTE },
    lookback: 0,
    instruments: [config.market === 'perpetual' ? INSTRUMENT : null],
    // A built-in sets none
    decisions: alternating(!('builtin' in config.strategy)),
  })
  const { strategy } = config
  const input = timelineOf(task, { code: NO_USER_CODE, portfolio: null }, () => {})
  for (let i = 0; i < TIMES; i += 1) {
    if ('builtin' in strategy)
      for (let k = 0; k < KERNEL_TIMES; k += 1) runBuiltin({ spec: strategy, series: task.series[0]!, first: 0 })
    playTimeline(input)
  }
}
