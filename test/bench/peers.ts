import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildHeader } from '../../orchestrator-service/jobs/job-frames.ts'
import type { RunHeader } from '../../src/protocol/header.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { bundleRealmScript } from '../support/realm-run.ts'
import { realShapedCandles } from './candles.ts'
import { type BenchContext, type BenchRow, median, rowOf } from './harness.ts'
import type { PeerReport, PeerTrade, StrategyParams } from './peers/peer-report.ts'
import { TWO_AVERAGES } from './user-sma.ts'

/**
 * Theory of operation. Each peer and this product play one strategy over the same candles, in turn, each run in a process of its own that
 * prints its CPU time and closed trades. A slow peer plays the beginning of them only (grademark plays all), and time is compared per bar. CPU time, because
 * wall time beside other work says nothing of a program. Ours is phase 1 in the realm and phase 2, by the code of a cell's thread
 * (peers/hotcell-run.ts); a peer's is its run without the reading of the candles.
 * The figures are only compared where all trades closed within the bars of both are the same: bars of entry and exit, and prices.
 */

const PARAMS: StrategyParams = { fast: 50, slow: 200, band: 0.0005, size: 1, cash: 100_000_000 }
/** Relative; some peers make prices and times of other numbers than those they were given. */
const PRICE_TOLERANCE = 1e-12
const ROWS = 1_000_000
const TIMEOUT_MS = 120_000
const MAX_OUTPUT = 64 * 1024 * 1024
const run = promisify(execFile)

const STRATEGY = `import { BaseStrategy } from 'hotcell'

export default class BandedCross extends BaseStrategy {
  static params = {
    fast: { type: 'integer', default: 50, minimum: 1, maximum: 1000 },
    slow: { type: 'integer', default: 200, minimum: 2, maximum: 1000 },
    band: { type: 'number', default: 0, minimum: 0, maximum: 1 },
    size: { type: 'number', default: 1, minimum: 0 },
  }
  isLong = false

${TWO_AVERAGES}
  decide({ index, indicators: { fast, slow } }) {
    const { band, size } = this.params
    if (!this.isLong) {
      if (!(fast[index] > slow[index] * (1 + band))) return null
      this.isLong = true
      return { signal: 'BUY', size, intent: 'open' }
    }
    if (!(fast[index] < slow[index] * (1 - band))) return null
    this.isLong = false
    return { signal: 'SELL', intent: 'close' }
  }
}
`

interface Peer {
  readonly name: string
  readonly rows: number
  readonly goal: string
  /** The environment variable without which it is left out, and what has to stand there. */
  readonly variable: 'HOTCELL_BENCH_PYTHON' | 'HOTCELL_BENCH_PEERS'
  readonly needs: string
  /** Command and arguments before those of the run. */
  command(value: string): readonly [string, ...string[]]
}

const HOTCELL = fileURLToPath(new URL('peers/hotcell-run.ts', import.meta.url))
const PYTHON = fileURLToPath(new URL('peers/peers.py', import.meta.url))
const GRADEMARK = fileURLToPath(new URL('peers/grademark-run.ts', import.meta.url))
const ofPython = (name: string) =>
  ({
    variable: 'HOTCELL_BENCH_PYTHON',
    needs: 'a Python that has it',
    command: (value: string) => [value, PYTHON, name] as const,
  }) as const

const ofGrademark = (when: 'first' | 'again') =>
  ({
    variable: 'HOTCELL_BENCH_PEERS',
    needs: 'a folder where npm has installed it',
    command: (value: string) => [process.execPath, GRADEMARK, value, when] as const,
  }) as const

/** The first bars of the same candles, fewer for the slower ones: the whole shall take three minutes at most. */
const PEERS: readonly Peer[] = [
  { name: 'backtrader', rows: 25_000, goal: '>= 500', ...ofPython('backtrader') },
  { name: 'backtesting.py', rows: 100_000, goal: '>= 50', ...ofPython('backtesting') },
  { name: 'grademark, precomputed columns', rows: 1_000_000, goal: '>= 12', ...ofGrademark('first') },
  {
    name: 'grademark, precomputed columns, a second run in its process',
    rows: 1_000_000,
    goal: '>= 3',
    ...ofGrademark('again'),
  },
]

async function play(command: readonly string[]): Promise<PeerReport> {
  const [program, ...args] = command as [string, ...string[]]
  const { stdout } = await run(program, args, { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT })
  return JSON.parse(stdout) as PeerReport
}

/** The header that a cell would get. */
function headerOf(context: BenchContext, symbol: string): RunHeader {
  const { cash, ...params } = PARAMS
  const parsed = parseConfig({
    symbols: [symbol],
    interval: '1m',
    initialCash: cash,
    strategy: { module: 'main.js', params },
    files: { 'main.js': STRATEGY },
    fee: 0,
    slippage: 0,
    options: { policy: 'trusted' },
  })
  return buildHeader({ job: 'bench', mode: 'run', ...parsed }, context.deps.policies.get('trusted')!, [null])
}

/** The comparison is worth nothing unless both traded alike. */
function compareTrades(peer: string, theirs: readonly PeerTrade[], ours: readonly PeerTrade[]): void {
  if (ours.length === 0) throw new Error('Cannot compare runs without a closed trade')
  const differs = ours.findIndex((trade, i) => !theirs[i]?.every((value, at) => isNear(value, trade[at]!)))
  if (differs < 0 && theirs.length === ours.length) return
  throw new Error(
    `Cannot compare with ${peer}: it closed ${theirs.length} trades, expected ${ours.length}; ` +
      `the first other one is ${JSON.stringify(theirs[differs])}, expected ${JSON.stringify(ours[differs])}`,
  )
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= PRICE_TOLERANCE * Math.abs(b)

async function comparePeer(context: BenchContext, peer: Peer, command: readonly string[]): Promise<BenchRow> {
  const folder = mkdtempSync(join(tmpdir(), 'hotcell-peers-'))
  const [candles, header, script, first] = ['columns.bin', 'header.json', 'realm.js', 'first.bin'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string]
  const [ours, theirs]: [number[], number[]] = [[], []]
  try {
    writeFileSync(candles, Buffer.from(realShapedCandles('PEER', ROWS).time.buffer.slice(0)))
    const { time } = realShapedCandles('PEER', peer.rows)
    writeFileSync(first, Buffer.from(time.buffer.slice(0)))
    writeFileSync(header, JSON.stringify(headerOf(context, 'PEER')))
    writeFileSync(script, await bundleRealmScript())
    for (let round = 0; round <= context.rounds; round += 1) {
      const own = await play([process.execPath, HOTCELL, script, header, candles])
      const other = await play([...command, first, JSON.stringify(PARAMS)])
      const common = own.trades.filter(([, exitTime]) => exitTime <= time[peer.rows - 1]!)
      compareTrades(peer.name, other.trades, common)
      if (round === 0) {
        const versions = Object.entries(other.versions).map(([name, version]) => `${name} ${version}`)
        context.log(`${peer.name}: ${common.length} equal trades in ${peer.rows} bars; ${versions.join(', ')}`)
        continue
      }
      context.log(`${peer.name}: ${own.cpuMs.toFixed(1)} CPU ms here, ${other.cpuMs.toFixed(1)} there`)
      ours.push((own.cpuMs * 1e6) / ROWS)
      theirs.push((other.cpuMs * 1e6) / peer.rows)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const [a, b] = [median(ours), median(theirs)]
  return rowOf({
    name: "engine loop, 1 M bars, a user's decide with two averages",
    unit: 'CPU ns/bar',
    baselineName: `${peer.name}, ${peer.rows / 1000} k bars`,
    goal: peer.goal,
    measured: { a, b, ratio: b / a },
  })
}

/** The engine loop against other backtesters that are installed on this machine; docs/performance.md says how. */
export async function benchPeers(context: BenchContext): Promise<BenchRow[]> {
  const gib = (totalmem() / 2 ** 30).toFixed(0)
  context.log(
    `machine: ${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, ${gib} GiB, load ${loadavg()[0]!.toFixed(1)}; Node ${process.versions.node}`,
  )
  const rows: BenchRow[] = []
  for (const peer of PEERS) {
    const value = process.env[peer.variable]
    if (value === undefined || !existsSync(value)) {
      const state = value === undefined ? 'is not set' : `is "${value}", which does not exist`
      context.log(`${peer.name} left out: ${peer.variable} ${state}, expected ${peer.needs} (docs/performance.md)`)
      continue
    }
    rows.push(await comparePeer(context, peer, peer.command(value)))
  }
  context.log(`load at the end: ${loadavg()[0]!.toFixed(1)}`)
  return rows
}
