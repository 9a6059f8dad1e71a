import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { bundleProgram, RUNNER_PROGRAM } from '../../orchestrator-service/sandbox/image/program.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import {
  encodeDecisionsFrame,
  encodeEndFrame,
  encodeHeaderFrame,
  encodeSeriesFrame,
} from '../../src/protocol/frames.ts'
import type { CellEvent } from '../../src/protocol/events.ts'
import type { RunHeader, RunnerLimits } from '../../src/protocol/header.ts'
import { DEFAULT_EXECUTION } from '../../src/protocol/profiles.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { RunnerResult } from '../../src/protocol/runner-result.ts'

/** The program of the cell as files in `directory`, to be started by plain Node. Returns the path of main.mjs. */
export async function writeRunnerProgram(
  directory: string,
  sources: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { files } = await bundleProgram(RUNNER_PROGRAM, sources)
  for (const { path, content } of files) {
    if ('bytes' in content) writeFileSync(join(directory, basename(path)), content.bytes)
  }
  return join(directory, 'main.mjs')
}

/** By what a cell has said so far. */
type IsOver = (events: readonly CellEvent[]) => boolean

/** Makes the program for the tests of a file; the answer runs it once (`runRunner`). */
export function useRunnerProgram(): (input: readonly Uint8Array[], isOver?: IsOver) => Promise<RunnerEnd> {
  let directory = ''
  let main = ''
  beforeAll(async () => {
    // Inside the project, so that isolated-vm is found as a package.
    directory = mkdtempSync(join(import.meta.dirname, '../../node_modules/.cache-runner-'))
    main = await writeRunnerProgram(directory)
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  return (input, isOver) => runRunner(main, input, isOver)
}

export const TEST_LIMITS: RunnerLimits = {
  memoryBytes: 2_147_483_648,
  barTimeMs: 1000,
  loadTimeMs: 2000,
  logBytes: 8_388_608,
  resultBytes: 67_108_864,
  checkpointBytes: 67_108_864,
  checkpointMs: 0,
  maxDecisions: 1_000_000,
  maxDecisionsPerCall: 1000,
}

/** A configuration after defaults: 10,000 cash, all of it in each position, no costs. */
export function makeRunConfig(changes: Partial<RunConfig>): RunConfig {
  const symbols = changes.symbols ?? ['AAA']
  return {
    strategy: { builtin: 'BuyAndHold', params: {} },
    files: [],
    market: 'spot',
    symbols,
    interval: '1h',
    start: null,
    end: null,
    initialCash: 10_000,
    fee: { builtin: 'percent', params: { maker: 0, taker: 0 } },
    slippage: { builtin: 'bps', params: { bps: 0 } },
    sizing: { builtin: 'percentOfEquity', params: { percent: 100 / symbols.length } },
    capacity: { builtin: 'maxPositions', params: { max: symbols.length } },
    risk: { builtin: 'none', params: {} },
    fill: 'worst',
    profile: 'hotcell/v1',
    endOfData: 'open',
    execution: DEFAULT_EXECUTION,
    data: { gaps: 'mark', maxSyntheticShare: 0.05, maxGapBars: 1440 },
    metrics: { periodsPerYear: null, riskFree: 0 },
    seed: '0',
    args: {},
    ...changes,
  }
}

export function makeHeader(config: RunConfig, changes: Partial<RunHeader> = {}): RunHeader {
  return {
    v: 1,
    mode: 'run',
    job: 'test',
    attempt: 1,
    config,
    instruments: config.symbols.map(() => null),
    workers: 1,
    limits: TEST_LIMITS,
    ...changes,
  }
}

/** A config whose strategy is one submitted file. */
export function makeFileConfig(source: string, changes: Partial<RunConfig> & { path?: string } = {}): RunConfig {
  const { path = 'main.ts', ...rest } = changes
  return makeRunConfig({
    strategy: { module: path, class: 'default', params: {} },
    files: [{ path, source }],
    ...rest,
  })
}

export function encodeInput(
  header: RunHeader,
  series: readonly CandleSeries[],
  more: { readonly detail?: readonly CandleSeries[]; readonly checkpoints?: readonly Uint8Array[] } = {},
): Uint8Array[] {
  const { detail = [], checkpoints = [] } = more
  const frames = [
    ...series.map((one) => encodeSeriesFrame(one, 'base')),
    ...detail.map((one) => encodeSeriesFrame(one, 'detail')),
    ...checkpoints.map((one) => encodeDecisionsFrame(one)),
  ]
  const chunks = [...encodeHeaderFrame(header), ...frames.flat()]
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return [...chunks, ...encodeEndFrame(1 + frames.length, hash.digest('hex'))]
}

export interface RunnerEnd {
  readonly code: number | null
  readonly stdout: string
  readonly events: readonly CellEvent[]
  /** The document on stdout; null if there is none. */
  readonly result: RunnerResult | null
}

/**
 * Starts the program under plain Node and gives it `input`. A cell that reports `fatal` is killed, as the host does; so is one
 * that has said what `isOver` waits for.
 */
async function runRunner(main: string, input: readonly Uint8Array[], isOver?: IsOver): Promise<RunnerEnd> {
  const args = ['--no-node-snapshot', '--disable-warning=ExperimentalWarning', main]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { TZ: 'UTC' } })
  const stdout: Buffer[] = []
  let stderr = ''
  // One that is to be killed cannot be done before: nobody reads its document
  if (isOver === undefined) child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    if (stderr.includes('"type":"fatal"')) child.kill('SIGKILL')
    if (isOver?.(parseEvents(stderr.slice(0, stderr.lastIndexOf('\n') + 1))) === true) child.kill('SIGKILL')
  })
  child.stdin.on('error', () => {})
  for (const chunk of input) child.stdin.write(chunk)
  child.stdin.end()
  child.on('exit', () => child.stdout.resume())
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const text = Buffer.concat(stdout).toString()
  // A line that a kill has cut off says nothing
  const events = parseEvents(code === null ? stderr.slice(0, stderr.lastIndexOf('\n') + 1) : stderr)
  return { code, stdout: text, events, result: text === '' ? null : (JSON.parse(text) as RunnerResult) }
}

/** Up to the fatal one: a program whose kill comes late aborts by itself, and C++ may say so. */
function parseEvents(stderr: string): CellEvent[] {
  const lines = stderr.split('\n').filter((line) => line !== '')
  const fatal = lines.findIndex((line) => line.includes('"type":"fatal"'))
  return lines.slice(0, fatal < 0 ? lines.length : fatal + 1).map((line) => JSON.parse(line) as CellEvent)
}
