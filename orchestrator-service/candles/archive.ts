import { createHash } from 'node:crypto'
import { open, readdir, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { INTERVALS, type Interval } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import { checkSymbol, isSymbol, MARKETS, type Market } from '../../src/candles/symbol.ts'
import { PlatformError } from '../../src/errors.ts'
import { replaceFile } from './replace-file.ts'
import {
  type CandleFileInfo,
  columnRange,
  decodeCandleFile,
  encodeCandleFile,
  parseEnd,
  parseTail,
  SEAL_BYTES,
  TAIL_BYTES,
} from './arrow-file.ts'

/** One read call. Large: each call goes through the thread pool and back, which costs most on a busy machine. */
const READ_CHUNK_BYTES = 1 << 30
/** Read ahead of the hash. */
const HASH_CHUNK_BYTES = 16 << 20

/** One series of the archive. `problem` is null, or says why the file cannot be used (then there are no rows). */
export interface CandleListing {
  readonly market: Market
  readonly symbol: string
  readonly interval: Interval
  readonly rows: number
  /** Open of the first and last bar, ms UTC. */
  readonly first: number | null
  readonly last: number | null
  readonly sha256: string | null
  readonly problem: string | null
}

/** The candles of a data directory: one Arrow IPC file per (market, symbol, interval), replaced as a whole or not at all. */
export interface CandleArchive {
  write(market: Market, series: CandleSeries): Promise<void>
  /** Sorted by market, symbol and interval length. Reads footers only. */
  list(): Promise<CandleListing[]>
  /** Null: there is no such series. `verify` (default true) compares the sha256 of the columns with the stored one. */
  load(market: Market, symbol: string, interval: Interval, options?: { verify?: boolean }): Promise<CandleSeries | null>
}

/** `folder`: candles, or marks for the mark prices of perpetuals. */
export function createCandleArchive(dataDir: string, folder: 'candles' | 'marks' = 'candles'): CandleArchive {
  const root = path.join(dataDir, folder)
  return {
    write: (market, series) => writeSeries(root, market, series),
    list: () => listSeries(root),
    load: async (market, symbol, interval, options) =>
      loadSeries(seriesPath(root, market, symbol, interval), {
        market,
        symbol,
        interval,
        verify: options?.verify ?? true,
      }),
  }
}

function seriesPath(root: string, market: Market, symbol: string, interval: Interval): string {
  checkSymbol(symbol)
  return path.join(root, market, symbol, `${interval}.arrow`)
}

async function writeSeries(root: string, market: Market, series: CandleSeries): Promise<void> {
  const target = seriesPath(root, market, series.symbol, series.interval)
  const bytes = encodeCandleFile(market, series)
  await replaceFile(target, bytes)
}

async function loadSeries(
  file: string,
  wanted: { market: Market; symbol: string; interval: Interval; verify: boolean },
): Promise<CandleSeries | null> {
  const handle = await openOrNull(file)
  if (handle === null) return null
  try {
    const end = await readEnd(handle)
    const { info } = end
    const matches = info.market === wanted.market && info.symbol === wanted.symbol && info.interval === wanted.interval
    if (!matches) throw new Error(`it holds ${info.market} ${info.symbol} ${info.interval}`)
    const range = columnRange(end.size, { footerLength: end.footerLength, rows: info.rows })
    const { bytes, sha256 } = await readWhole(handle, { size: end.size, hashed: wanted.verify ? range : null })
    return decodeCandleFile(bytes, { ...end, sha256 })
  } catch (error) {
    throw damaged(file, wanted, error)
  } finally {
    await handle.close()
  }
}

function damaged(file: string, name: { market: Market; symbol: string; interval: Interval }, cause: unknown) {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new PlatformError(
    'data_unavailable',
    `Cannot load candles "${name.market} ${name.symbol} ${name.interval}": the archive file is damaged (${reason}), expected the file as it was imported`,
    { cause, details: { file, reason: 'mismatch' }, hint: 'Import the series again with `hotcell candles import`' },
  )
}

async function openOrNull(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null
    throw error
  }
}

/** Footer and what it says: all that a listing needs. */
async function readEnd(handle: FileHandle): Promise<{ size: number; footerLength: number; info: CandleFileInfo }> {
  const { size } = await handle.stat()
  const tail = new Uint8Array(TAIL_BYTES)
  if (size < TAIL_BYTES) throw new Error(`it has only ${size} bytes`)
  await readFully(handle, tail, size - TAIL_BYTES)
  const footerLength = parseTail(tail)
  const end = new Uint8Array(Math.min(SEAL_BYTES + footerLength + TAIL_BYTES, size))
  await readFully(handle, end, size - end.byteLength)
  return { size, footerLength, info: parseEnd(end) }
}

/**
 * All bytes of a file in one SharedArrayBuffer. The open handle keeps its file although another replaces it meanwhile.
 * The range `hashed` is hashed here while the thread pool reads on, so that verifying costs little more than reading.
 */
async function readWhole(
  handle: FileHandle,
  options: { size: number; hashed: { from: number; to: number } | null },
): Promise<{ bytes: Uint8Array; sha256: string | null }> {
  const { size, hashed } = options
  const bytes = new Uint8Array(new SharedArrayBuffer(size))
  if (hashed === null) {
    await readFully(handle, bytes, 0)
    return { bytes, sha256: null }
  }
  const hash = createHash('sha256')
  const readPart = (from: number): Promise<void> =>
    readFully(handle, bytes.subarray(from, Math.min(from + HASH_CHUNK_BYTES, size)), from)
  let pending = readPart(0)
  for (let from = 0; from < size; from += HASH_CHUNK_BYTES) {
    await pending
    const next = from + HASH_CHUNK_BYTES
    pending = next < size ? readPart(next) : Promise.resolve()
    hash.update(bytes.subarray(Math.max(from, hashed.from), Math.max(hashed.from, Math.min(next, hashed.to))))
  }
  return { bytes, sha256: hash.digest('hex') }
}

async function readFully(handle: FileHandle, target: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < target.byteLength) {
    const wanted = Math.min(target.byteLength - done, READ_CHUNK_BYTES)
    const { bytesRead } = await handle.read(target, done, wanted, position + done)
    if (bytesRead === 0) throw new Error(`it ends after ${position + done} bytes`)
    done += bytesRead
  }
}

async function listSeries(root: string): Promise<CandleListing[]> {
  const listings: CandleListing[] = []
  for (const market of MARKETS) {
    const symbols = (await readFolder(path.join(root, market))).filter(isSymbol).sort()
    for (const symbol of symbols) {
      const files = new Set(await readFolder(path.join(root, market, symbol)))
      for (const interval of INTERVALS) {
        if (files.has(`${interval}.arrow`)) listings.push(await describeFile(root, { market, symbol, interval }))
      }
    }
  }
  return listings
}

async function readFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return []
    throw error
  }
}

async function describeFile(
  root: string,
  name: { market: Market; symbol: string; interval: Interval },
): Promise<CandleListing> {
  const file = seriesPath(root, name.market, name.symbol, name.interval)
  const handle = await open(file, 'r')
  try {
    const { info } = await readEnd(handle)
    return { ...name, rows: info.rows, first: info.first, last: info.last, sha256: info.sha256, problem: null }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { ...name, rows: 0, first: null, last: null, sha256: null, problem }
  } finally {
    await handle.close()
  }
}
