import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, openApp } from '../../orchestrator-service/app.ts'
import { readConfig } from '../../orchestrator-service/config.ts'
import type { RunDeps } from '../../orchestrator-service/deps.ts'

/** One line of the table. `met` is decided by the ratio to a baseline of the same run; absolute figures stand beside. */
export interface BenchRow {
  readonly name: string
  /** Median of the measured thing. */
  readonly value: number
  readonly unit: string
  /** Median of the named baseline, in the same unit. */
  readonly baseline: number
  readonly baselineName: string
  readonly ratio: number
  /** What the ratio has to be: `<= 1.3` or `>= 0.4`. */
  readonly goal: string
  readonly met: boolean
}

export interface BenchContext extends AsyncDisposable {
  readonly app: App
  readonly deps: RunDeps
  readonly rounds: number
  log(text: string): void
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A and B in turn, `rounds` times after one that does not count, so that drift of the machine meets both alike. */
export async function pair(
  rounds: number,
  a: () => Promise<number> | number,
  b: () => Promise<number> | number,
): Promise<{ a: number; b: number; ratio: number }> {
  const as: number[] = []
  const bs: number[] = []
  const ratios: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const [first, second] = [await a(), await b()]
    if (round === 0) continue
    as.push(first)
    bs.push(second)
    ratios.push(first / second)
  }
  return { a: median(as), b: median(bs), ratio: median(ratios) }
}

/** Time of a step in ms. */
export async function timed(step: () => unknown): Promise<number> {
  const start = performance.now()
  await step()
  return performance.now() - start
}

/** The clock of CPU time ticks every few milliseconds, so a step is repeated until this many have passed. */
const LEAST_CPU_MS = 60

/** CPU time of this thread in a step that waits for nothing, in ms: other work on the machine does not count. */
export function cpuTimed(step: () => unknown): number {
  const before = process.threadCpuUsage()
  for (let runs = 1; ; runs += 1) {
    step()
    const { user, system } = process.threadCpuUsage(before)
    const ms = (user + system) / 1000
    if (ms >= LEAST_CPU_MS) return ms / runs
  }
}

export function rowOf(options: {
  name: string
  unit: string
  baselineName: string
  goal: string
  measured: { a: number; b: number; ratio: number }
}): BenchRow {
  const { measured, goal } = options
  const [sign, bound] = goal.split(' ') as ['<=' | '>=', string]
  const met = sign === '<=' ? measured.ratio <= Number(bound) : measured.ratio >= Number(bound)
  return {
    name: options.name,
    value: round(measured.a),
    unit: options.unit,
    baseline: round(measured.b),
    baselineName: options.baselineName,
    ratio: round(measured.ratio),
    goal,
    met,
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000

/** A data directory of its own for a bench run, with the real engine and image behind it; no cell waits unless one is asked for. */
export async function openBench(
  rounds: number,
  log: (text: string) => void,
  { warmCells = '0', concurrency }: { warmCells?: string; concurrency?: number } = {},
): Promise<BenchContext> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hotcell-bench-'))
  const app = await openApp(
    readConfig({
      HOTCELL_DATA_DIR: dataDir,
      HOTCELL_WARM_CELLS: warmCells,
      HOTCELL_CACHE: '0',
      ...(concurrency === undefined ? {} : { HOTCELL_CONCURRENCY: String(concurrency) }),
    }),
    {
      log: (_level, text) => log(text),
    },
  )
  return {
    app,
    deps: app.deps,
    rounds,
    log,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
