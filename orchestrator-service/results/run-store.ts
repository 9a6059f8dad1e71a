import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { Compile } from 'typebox/compile'
import type { Fill, Order, Refusal, Trade } from '../../src/backtest/explanation.ts'
import { type FieldError, PlatformError } from '../../src/errors.ts'
import { checkShape } from '../../src/protocol/check.ts'
import { Result } from '../../src/protocol/result.ts'
import { replaceFile } from '../candles/replace-file.ts'
import type { RunAnalysis } from './analyse-run.ts'
import { isRunId, runDirectory, type RunFile, runsDirectory, unknownRun } from './run-path.ts'
import {
  decodeEquity,
  decodeFills,
  decodeOrders,
  decodeRefusals,
  decodeTrades,
  encodeEquity,
  encodeFills,
  encodeOrders,
  encodeRefusals,
  encodeTrades,
  type EquityTable,
} from './run-tables.ts'

/**
 * Theory of operation. A run is a directory `runs/<id>/`: result.json, Arrow tables, log.ndjson, report.html. result.json is
 * written last and replaced atomically: a directory without it is a run that has not ended, or one that was interrupted, and is no
 * run for readers. An id is made here, or checked before it becomes a path.
 */

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Larger result files than this were not written by this program. */
const MAX_RESULT_BYTES = 256 * 1024 * 1024

/** Compiled: with thousands of ambiguous bars in a result the event loop would stand still for a hundred times as long. */
const ResultShape = Compile(Result)

/** What keeps a value from being a Result; null: nothing. */
function findFault(value: unknown): FieldError | null {
  return ResultShape.Check(value) ? null : checkShape(Result, value)[0]!
}

export interface RunArtifacts {
  readonly result: Result
  /** Null: the run has no figures. */
  readonly analysis: RunAnalysis | null
  readonly report?: string
}

export interface RunListing {
  readonly id: string
  readonly createdAt: string
  readonly outcome: string
  readonly reason: string | null
  readonly strategy: string
  readonly symbols: readonly string[]
  readonly interval: string
  readonly totalReturn: number | null
  readonly fingerprint: string | null
}

export interface RunTables {
  readonly equity: EquityTable
  readonly fills: readonly Fill[]
  readonly trades: readonly Trade[]
}

export interface RunStore {
  /** `r-` and 16 letters and digits: 80 random bits. */
  newId(): string
  /** Makes the directory of a new run; its path. */
  create(id: string): Promise<string>
  save(id: string, artifacts: RunArtifacts): Promise<void>
  /** @throws PlatformError unknown_run */
  load(id: string): Promise<Result>
  /** Equity, fills and trades of a run; null for one without figures. */
  loadTables(id: string): Promise<RunTables | null>
  loadOrders(id: string): Promise<{ orders: Order[]; refusals: Refusal[] } | null>
  /** Removes a run with all its files; one that is not there counts as removed. */
  remove(id: string): Promise<void>
  /** Newest first. A directory that cannot be read as a run is left out of `runs` and named in `damaged`. */
  list(): Promise<{ runs: RunListing[]; damaged: string[] }>
  /** Path of a file of a run. @throws PlatformError unknown_run for an id that cannot be one */
  pathOf(id: string, file: RunFile): string
}

export function createRunStore(dataDir: string): RunStore {
  const root = runsDirectory(dataDir)
  const directory = (id: string) => runDirectory(dataDir, id)
  const table = async (id: string, file: string) => readFile(path.join(directory(id), file))
  const load = async (id: string) => loadResult(directory(id), id)
  return {
    newId,
    load,
    pathOf: (id, file) => path.join(directory(id), file),
    async create(id) {
      const target = directory(id)
      await mkdir(root, { recursive: true })
      await mkdir(target)
      return target
    },
    async save(id, artifacts) {
      await saveRun(directory(id), artifacts)
    },
    async loadTables(id) {
      if ((await load(id)).fills === null) return null
      const [equity, fillBytes, tradeBytes] = await Promise.all(
        ['equity.arrow', 'fills.arrow', 'trades.arrow'].map(async (file) => table(id, file)),
      )
      const fills = decodeFills(fillBytes!)
      return { equity: decodeEquity(equity!), fills, trades: decodeTrades(tradeBytes!, fills) }
    },
    async loadOrders(id) {
      if ((await load(id)).orders === null) return null
      const [orders, refusals] = await Promise.all([table(id, 'orders.arrow'), table(id, 'refusals.arrow')])
      return { orders: decodeOrders(orders), refusals: decodeRefusals(refusals) }
    },
    async remove(id) {
      await rm(directory(id), { recursive: true, force: true })
    },
    list: async () => listRuns(root),
  }
}

function newId(): string {
  let bits = 0n
  for (const byte of randomBytes(10)) bits = (bits << 8n) | BigInt(byte)
  let id = ''
  for (let i = 0; i < 16; i++) id += BASE32[Number((bits >> BigInt(5 * i)) & 31n)]
  return `r-${id}`
}

async function saveRun(directory: string, { result, analysis, report }: RunArtifacts): Promise<void> {
  const encoder = new TextEncoder()
  const fault = findFault(result)
  if (fault !== null) {
    const state = `"${fault.pointer}" ${fault.message}`
    throw new PlatformError('invariant', `Cannot save run "${result.id}": ${state}, expected a Result`)
  }
  await mkdir(directory, { recursive: true })
  const put = async (file: string, bytes: Uint8Array) => replaceFile(path.join(directory, file), bytes)
  if (analysis !== null) {
    const { explanation, time, equity, benchmark } = analysis
    await put('equity.arrow', encodeEquity({ time, equity, benchmark: benchmark.equity }))
    await put('fills.arrow', encodeFills(explanation.fills))
    await put('trades.arrow', encodeTrades(explanation.trades))
    await put('orders.arrow', encodeOrders(explanation.orders))
    await put('refusals.arrow', encodeRefusals(explanation.refusals))
  }
  if (report !== undefined) await put('report.html', encoder.encode(report))
  await put('result.json', encoder.encode(`${JSON.stringify(result)}\n`))
}

async function loadResult(directory: string, id: string): Promise<Result> {
  const bytes = await readFile(path.join(directory, 'result.json')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw unknownRun(id, 'there is no such run')
    throw error
  })
  if (bytes.length > MAX_RESULT_BYTES) throw damagedRun(id, `result.json has ${bytes.length} bytes`)
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw damagedRun(id, `result.json is not JSON: ${(error as Error).message}`)
  }
  const fault = findFault(value)
  if (fault !== null) throw damagedRun(id, `result.json at "${fault.pointer}" ${fault.message}`)
  return value as Result
}

async function listRuns(root: string): Promise<{ runs: RunListing[]; damaged: string[] }> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const runs: RunListing[] = []
  const damaged: string[] = []
  for (const entry of entries) {
    if (!entry.isDirectory() || !isRunId(entry.name)) continue
    try {
      runs.push(listingOf(await loadResult(path.join(root, entry.name), entry.name)))
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      damaged.push(entry.name)
    }
  }
  runs.sort((a, b) => (a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? 1 : -1))
  return { runs, damaged: damaged.sort() }
}

function listingOf(result: Result): RunListing {
  const { strategy } = result.config
  return {
    id: result.id,
    createdAt: result.provenance.createdAt,
    outcome: result.outcome.kind,
    reason: result.outcome.reason,
    strategy: 'builtin' in strategy ? strategy.builtin : `${strategy.module}#${strategy.class}`,
    symbols: result.config.symbols,
    interval: result.config.interval,
    totalReturn: result.summary?.metrics.total_return.value ?? null,
    fingerprint: result.fingerprint,
  }
}

function damagedRun(id: string, state: string): PlatformError {
  return new PlatformError('unknown_run', `Cannot load run "${id}": ${state}, expected the result as it was saved`)
}
