import { playTimeline } from '../../src/backtest/play-timeline.ts'
import { resolveWindow } from '../../src/backtest/window.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { runBuiltin } from '../../src/strategies/builtin-catalogue.ts'
import { warmEngine } from '../../runner-image/tasks/warm-engine.ts'
import { realShapedCandles } from './candles.ts'

/** One run of a length in a process of its own: CPU time of both phases, and what it held beside the candles. */
export interface FlatReport {
  readonly cpuMs: number
  /** Above what the process held when the candles lay ready. */
  readonly extraBytes: number
  readonly records: number
}

const SLOW = 200
const rows = Number(process.argv[2])
const { config } = parseConfig({
  symbols: ['FLAT'],
  interval: '1m',
  fee: 0.0004,
  slippage: 2,
  strategy: { builtin: 'SmaCrossover', params: { fast: 50, slow: SLOW } },
})
const series = realShapedCandles('FLAT', rows)
warmEngine(config)
const held = process.memoryUsage.rss()
const before = process.threadCpuUsage()
if (!('builtin' in config.strategy)) throw new Error('Invariant: a built-in')
const { rows: count, bar, signal } = runBuiltin({ spec: config.strategy, series, first: SLOW })
const window = resolveWindow({ interval: '1m', start: null, end: null, lookback: SLOW, series: [series] })
if (window === null) throw new Error('Invariant: the window has bars')
const zeros = (): Uint32Array<ArrayBuffer> => new Uint32Array(count)
const output = playTimeline({
  config,
  series: [series],
  window,
  lookback: SLOW,
  instruments: [null],
  decisions: {
    rows: count,
    unit: zeros(),
    bar,
    symbol: zeros(),
    sequence: zeros(),
    signal,
    numbers: new Map(),
    enums: new Map(),
    texts: new Map(),
    strings: [],
  },
})
const { user, system } = process.threadCpuUsage(before)
const report: FlatReport = {
  cpuMs: (user + system) / 1000,
  extraBytes: process.resourceUsage().maxRSS * 1024 - held,
  records: output.recordCount,
}
process.stdout.write(JSON.stringify(report))
