import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { Compile } from 'typebox/compile'
import { type FieldError, PlatformError } from '../../src/errors.ts'
import { checkShape } from '../../src/protocol/check.ts'
import { Result } from '../../src/protocol/result.ts'
import type { RunOptions } from '../../src/protocol/run-config.ts'
import { replaceFile } from '../candles/replace-file.ts'
import type { AnalysedRun } from './analysed-run.ts'
import { runDirectory, type RunFile, unknownRun } from './run-path.ts'
import { encodeTable } from './arrow-table.ts'

/**
 * Theory of operation. A run is a directory `runs/<id>/`: result.json, Arrow tables, log.ndjson, report.html; until it has ended
 * also its checkpoints. result.json is
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
  readonly analysis: AnalysedRun | null
  readonly report?: string
}

export interface RunStore {
  /** `r-` and 16 letters and digits: 80 random bits. */
  newId(): string
  save(id: string, artifacts: RunArtifacts): Promise<void>
  /** @throws PlatformError unknown_run */
  load(id: string): Promise<Result>
  /**
   * The result and files of a run once more, as those of another one: the same but for whose they are.
   * @throws PlatformError unknown_run
   */
  copy(source: string, id: string, own: Pick<Result, 'outcome'> & { readonly options: RunOptions }): Promise<Result>
  /** Removes a run with all its files; one that is not there counts as removed. */
  remove(id: string): Promise<void>
  /** Path of a file of a run. @throws PlatformError unknown_run for an id that cannot be one */
  pathOf(id: string, file: RunFile): string
}

export function createRunStore(dataDir: string): RunStore {
  const directory = (id: string) => runDirectory(dataDir, id)
  const load = async (id: string) => loadResult(directory(id), id)
  return {
    newId,
    load,
    pathOf: (id, file) => path.join(directory(id), file),
    async save(id, artifacts) {
      await saveRun(directory(id), artifacts)
    },
    copy: async (source, id, own) => await copyRun({ from: directory(source), to: directory(id), source, id }, own),
    async remove(id) {
      await rm(directory(id), { recursive: true, force: true })
    },
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
    const { tables, time, equity, benchmark } = analysis
    await put('equity.arrow', encodeTable({ time, equity, benchmark: benchmark.equity }))
    await put('fills.arrow', encodeTable(tables.fills))
    await put('trades.arrow', encodeTable(tables.trades))
    await put('orders.arrow', encodeTable(tables.orders))
    await put('refusals.arrow', encodeTable(tables.refusals))
  }
  if (report !== undefined) await put('report.html', encoder.encode(report))
  await put('result.json', encoder.encode(`${JSON.stringify(result)}\n`))
  await rm(path.join(directory, 'checkpoints'), { force: true })
}

/** Written last, the result makes a run of the copy. */
async function copyRun(
  { from, to, source, id }: { from: string; to: string; source: string; id: string },
  { outcome, options }: Pick<Result, 'outcome'> & { readonly options: RunOptions },
): Promise<Result> {
  const original = await loadResult(from, source)
  const result: Result = {
    ...original,
    id,
    outcome,
    options: { ...options, labels: { ...options.labels } },
    provenance: { ...original.provenance, cachedFrom: source },
  }
  await mkdir(to, { recursive: true })
  const tables = [original.equity, original.fills, original.trades, original.orders, original.refusals]
  const files = [...tables.flatMap((table) => (table === null ? [] : [table.artifact])), 'report.html']
  for (const file of files) await replaceFile(path.join(to, file), await readFile(path.join(from, file)))
  await replaceFile(path.join(to, 'result.json'), new TextEncoder().encode(`${JSON.stringify(result)}\n`))
  return result
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

function damagedRun(id: string, state: string): PlatformError {
  return new PlatformError('unknown_run', `Cannot load run "${id}": ${state}, expected the result as it was saved`)
}
