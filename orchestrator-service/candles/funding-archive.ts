import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { FundingSeries } from '../../src/candles/funding-series.ts'
import { checkSymbol, isSymbol } from '../../src/candles/symbol.ts'
import { PlatformError } from '../../src/errors.ts'
import { hashFunding } from '../../src/verification/hash-series.ts'
import { createSha256 } from '../sha256.ts'
import { replaceFile } from './replace-file.ts'

const FORMAT = 'hotcell-funding/1'

/** Funding rows of one symbol as they are listed. `first` and `last`: times as published, ms UTC. */
export interface FundingListing {
  readonly symbol: string
  readonly rows: number
  readonly first: number | null
  readonly last: number | null
  readonly problem: string | null
}

/** The funding rows of a data directory: one JSON file a perpetual, replaced as a whole or not at all. */
export interface FundingArchive {
  write(series: FundingSeries): Promise<void>
  /** Sorted by symbol. */
  list(): Promise<FundingListing[]>
  /** Null: nothing was imported. @throws data_unavailable for a damaged file */
  load(symbol: string): Promise<FundingSeries | null>
}

export function createFundingArchive(dataDir: string): FundingArchive {
  const root = path.join(dataDir, 'funding')
  const load = async (symbol: string): Promise<FundingSeries | null> => {
    checkSymbol(symbol)
    const text = await readOrNull(path.join(root, `${symbol}.json`))
    return text === null ? null : parseFundingFile(symbol, text)
  }
  return {
    async write(series) {
      checkSymbol(series.symbol)
      await mkdir(root, { recursive: true })
      await replaceFile(path.join(root, `${series.symbol}.json`), new TextEncoder().encode(formatFundingFile(series)))
    },
    load,
    async list() {
      const names = await readdir(root).catch(() => [])
      const symbols = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
      return await Promise.all(
        symbols
          .filter(isSymbol)
          .sort()
          .map(async (symbol) => await listOne(load, symbol)),
      )
    },
  }
}

async function listOne(load: FundingArchive['load'], symbol: string): Promise<FundingListing> {
  try {
    const series = await load(symbol)
    if (series === null) return { symbol, rows: 0, first: null, last: null, problem: 'the file was removed meanwhile' }
    const { rows, time } = series
    return { symbol, rows, first: time[0] ?? null, last: time[rows - 1] ?? null, problem: null }
  } catch (error) {
    return { symbol, rows: 0, first: null, last: null, problem: error instanceof Error ? error.message : String(error) }
  }
}

/** Numbers in JSON come back as they were; a mark that was not published is null. */
function formatFundingFile(series: FundingSeries): string {
  const { symbol, rows } = series
  const mark = Array.from(series.mark, (value) => (Number.isNaN(value) ? null : value))
  const sha256 = hashFunding(series, createSha256)
  const columns = { time: Array.from(series.time), rate: Array.from(series.rate), mark }
  return `${JSON.stringify({ format: FORMAT, symbol, rows, sha256, ...columns })}\n`
}

function parseFundingFile(symbol: string, text: string): FundingSeries {
  try {
    const file = JSON.parse(text) as Record<string, unknown>
    const series: FundingSeries = {
      symbol,
      rows: Number(file['rows']),
      time: Float64Array.from(file['time'] as number[]),
      rate: Float64Array.from(file['rate'] as number[]),
      mark: Float64Array.from(file['mark'] as (number | null)[], (value) => value ?? Number.NaN),
    }
    const isWhole = [series.time, series.rate, series.mark].every((column) => column.length === series.rows)
    if (file['format'] !== FORMAT || file['symbol'] !== symbol || !isWhole)
      throw new Error('it is no funding file of its name')
    if (hashFunding(series, createSha256) !== file['sha256'])
      throw new Error('its rows do not have the sha256 it names')
    return series
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PlatformError(
      'data_unavailable',
      `Cannot load funding "${symbol}": the file is damaged (${reason}), expected the file as it was imported`,
      { cause, details: { reason: 'mismatch' }, hint: 'Import it again with `hotcell candles import --kind funding`' },
    )
  }
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
