import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FlatReport } from './flat-run.ts'
import { type BenchContext, type BenchRow, median, rowOf } from './harness.ts'

const LENGTHS = [100_000, 1_000_000, 10_000_000, 50_000_000] as const
/** The length that the others are held to: what a run costs before its first bar is small in it. */
const BASE = 1_000_000
/** The longest takes gigabytes and most of a minute. */
const RUNS = 3
const TIMEOUT_MS = 600_000
const run = promisify(execFile)

interface PerBar {
  readonly nanos: number
  readonly bytes: number
}

async function measure(rows: number): Promise<PerBar> {
  const program = fileURLToPath(new URL('flat-run.ts', import.meta.url))
  const reports: FlatReport[] = []
  for (let i = 0; i < RUNS; i += 1) {
    const { stdout } = await run(process.execPath, [program, String(rows)], { timeout: TIMEOUT_MS })
    reports.push(JSON.parse(stdout) as FlatReport)
  }
  return {
    nanos: (median(reports.map(({ cpuMs }) => cpuMs)) * 1e6) / rows,
    bytes: median(reports.map(({ extraBytes }) => extraBytes)) / rows,
  }
}

/** CPU time and memory beside the candles for each bar, from 100,000 bars to 50 million of one symbol; each run in a process of its own. */
export async function benchFlat(context: BenchContext): Promise<BenchRow[]> {
  const measured = new Map<number, PerBar>()
  for (const rows of LENGTHS) {
    const perBar = await measure(rows)
    measured.set(rows, perBar)
    context.log(`${rows} bars: ${perBar.nanos.toFixed(1)} ns and ${perBar.bytes.toFixed(1)} bytes a bar`)
  }
  const base = measured.get(BASE)!
  const longest = measured.get(LENGTHS[LENGTHS.length - 1]!)!
  const row = (name: string, unit: string, a: number, b: number): BenchRow =>
    rowOf({ name, unit, baselineName: '1 M bars', goal: '<= 1.25', measured: { a, b, ratio: a / b } })
  return [
    row('built-in run of 50 M bars', 'CPU ns/bar', longest.nanos, base.nanos),
    row('memory beside its candles', 'bytes/bar', longest.bytes, base.bytes),
  ]
}
