import { createRequire } from 'node:module'
import { join } from 'node:path'
import { cpuTimed } from '../harness.ts'
import { readCandles } from './candle-columns.ts'
import type { PeerReport, PeerTrade, StrategyParams } from './peer-report.ts'

/**
 * Plays the strategy of the peers' bench with grademark in a process of its own: grademark-run.ts FOLDER WHEN CANDLES PARAMS; prints a report.
 * FOLDER is where the package is installed: it is no dependency. The averages stand in columns of the data frame before the clock starts.
 * WHEN: first (the run of a program that plays one backtest) or again (a second run in the same process, by the best code that is made of it).
 */

interface Bar {
  readonly time: number
  readonly open: number
  readonly close: number
  readonly fast: number
  readonly slow: number
}

interface GrademarkTrade {
  readonly entryTime: number
  readonly exitTime: number
  readonly entryPrice: number
  readonly exitPrice: number
  readonly exitReason: string
}

interface Strategy {
  readonly entryRule: (enter: () => void, args: { bar: Bar }) => void
  readonly exitRule: (leave: () => void, args: { bar: Bar }) => void
}

function averages(close: Float64Array, length: number): Float64Array {
  let sum = 0
  return close.map((value, i) => {
    sum += value - (i < length ? 0 : close[i - length]!)
    return i < length - 1 ? Number.NaN : sum / length
  })
}

const [folder, when, file, params] = process.argv.slice(2) as [string, 'first' | 'again', string, string]
const { fast, slow, band } = JSON.parse(params) as StrategyParams
const load = createRequire(join(folder, 'package.json'))
const { backtest } = load('grademark') as { backtest: (strategy: Strategy, bars: unknown) => GrademarkTrade[] }
const { DataFrame } = load('data-forge') as { DataFrame: new (rows: readonly Bar[]) => unknown }
const versionOf = (name: string): string => (load(`${name}/package.json`) as { version: string }).version

const { time, open, high, low, close, volume } = readCandles(file, 'PEER')
const [fasts, slows] = [averages(close, fast), averages(close, slow)]
const bars = Array.from(time, (at, i) => ({
  time: at,
  open: open[i]!,
  high: high[i]!,
  low: low[i]!,
  close: close[i]!,
  volume: volume[i]!,
  fast: fasts[i]!,
  slow: slows[i]!,
}))
const frame = new DataFrame(bars)
const strategy: Strategy = {
  entryRule: (enter, { bar }) => {
    if (bar.fast > bar.slow * (1 + band)) enter()
  },
  exitRule: (leave, { bar }) => {
    if (bar.fast < bar.slow * (1 - band)) leave()
  },
}
if (when === 'again') backtest(strategy, frame)
let made: GrademarkTrade[] = []
const cpuMs = cpuTimed(() => {
  made = backtest(strategy, frame)
})
const report: PeerReport = {
  cpuMs,
  versions: { grademark: versionOf('grademark'), 'data-forge': versionOf('data-forge'), node: process.versions.node },
  // A position that is open at the end is counted as a trade by this peer alone
  trades: made
    .filter(({ exitReason }) => exitReason !== 'finalize')
    .map((one): PeerTrade => [one.entryTime, one.exitTime, one.entryPrice, one.exitPrice]),
}
process.stdout.write(JSON.stringify(report))
