/**
 * Theory of operation. A candle file is an Arrow IPC file with one record batch of six Float64 columns without nulls, so
 * each column is one contiguous run of little-endian doubles at an offset that is a multiple of 8. A file is therefore
 * read with plain positional reads into one SharedArrayBuffer, and the columns are views on it: nothing is decoded or
 * copied. The metadata of the schema (in the footer) say what the file holds, so that listing reads only the footer, and
 * carry the sha256 of the columns, so that a damaged file is found. Any Arrow program can read these files.
 *
 * The Arrow library trusts the counts and offsets in a file: one flipped bit in them can keep it busy for minutes. So
 * 72 bytes that Arrow readers skip stand before the footer, the seal: a tag, the sha256 of footer and tail, and the
 * sha256 of all that is before the columns. Nothing is given to the library before they agree.
 */
import { createHash } from 'node:crypto'
import {
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchReader,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
} from 'apache-arrow'
import { INTERVALS, type Interval } from '../../src/candles/interval.ts'
import { CANDLE_COLUMNS, type CandleSeries } from '../../src/candles/series.ts'
import { isSymbol, MARKETS, type Market } from '../../src/candles/symbol.ts'
import { PlatformError } from '../../src/errors.ts'

const FORMAT = 'hotcell-candles/1'
const MAGIC = 'ARROW1'
/** Magic and the length of the footer before it. */
export const TAIL_BYTES = MAGIC.length + 4
/** Far above the footer of six columns and a dozen metadata entries. */
const MAX_FOOTER_BYTES = 1 << 20
const SEAL_TAG = 'hotcell1'
export const SEAL_BYTES = SEAL_TAG.length + 32 + 32
/** Arrow's mark for the end of the batches, between the columns and the seal. */
const END_BYTES = 8

/** What the metadata of a candle file say. `first` and `last` are open times, ms UTC; null without rows. */
export interface CandleFileInfo {
  readonly market: Market
  readonly symbol: string
  readonly interval: Interval
  readonly rows: number
  readonly first: number | null
  readonly last: number | null
  /** Of the six columns' little-endian bytes, in the order of CANDLE_COLUMNS. */
  readonly sha256: string
}

/** An Arrow file that holds the series, in parts. Values are canonical (no −0); NaN and infinities are refused. */
export function encodeCandleFile(market: Market, series: CandleSeries): Uint8Array[] {
  const columns = CANDLE_COLUMNS.map((name) => canonicalColumn(series, name))
  const time = columns[0]!
  const metadata = new Map([
    ['format', FORMAT],
    ['market', market],
    ['symbol', series.symbol],
    ['interval', series.interval],
    ['rows', String(series.rows)],
    ['first', series.rows === 0 ? '' : String(time[0])],
    ['last', series.rows === 0 ? '' : String(time[series.rows - 1])],
    ['sha256', hashColumns(columns)],
  ])
  const schema = new Schema(
    CANDLE_COLUMNS.map((name) => new Field(name, new Float64(), false)),
    metadata,
  )
  const data = makeData({
    type: new Struct(schema.fields),
    length: series.rows,
    nullCount: 0,
    children: columns.map((column) =>
      makeData({ type: new Float64(), length: series.rows, nullCount: 0, data: column }),
    ),
  })
  const bytes = tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), 'file')
  const end = bytes.subarray(bytes.byteLength - TAIL_BYTES - parseTail(bytes.subarray(-TAIL_BYTES)))
  const front = bytes.subarray(0, bytes.byteLength - end.byteLength)
  const head = front.subarray(0, headLength(front.byteLength, series.rows))
  return [front, Buffer.concat([Buffer.from(SEAL_TAG, 'latin1'), sha256(end), sha256(head)]), end]
}

/** Length of what is before the columns, in a file whose seal begins at `sealStart`. */
function headLength(sealStart: number, rows: number): number {
  return sealStart - END_BYTES - rows * CANDLE_COLUMNS.length * Float64Array.BYTES_PER_ELEMENT
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function canonicalColumn(series: CandleSeries, name: (typeof CANDLE_COLUMNS)[number]): Float64Array {
  const source = series[name]
  const column = new Float64Array(series.rows)
  for (let i = 0; i < series.rows; i++) {
    const value = source[i]! + 0
    if (!Number.isFinite(value)) {
      throw new PlatformError(
        'invariant',
        `Invariant: cannot store candles "${series.symbol}": ${name} of row ${i} is ${value}, expected a finite number`,
      )
    }
    column[i] = value
  }
  return column
}

/** sha256 of columns one after the other, as hexadecimal text. */
export function hashColumns(columns: readonly Float64Array[]): string {
  const hash = createHash('sha256')
  for (const column of columns) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  return hash.digest('hex')
}

/** Length of the footer, from the last TAIL_BYTES bytes of a file. */
export function parseTail(tail: Uint8Array): number {
  const magic = Buffer.from(tail.subarray(4, TAIL_BYTES)).toString('latin1')
  if (tail.length !== TAIL_BYTES || magic !== MAGIC) throw new Error('it does not end as an Arrow file does')
  const length = new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getInt32(0, true)
  if (length <= 0 || length > MAX_FOOTER_BYTES) throw new Error(`its footer claims ${length} bytes`)
  return length
}

/** Metadata of a file from its last bytes: seal, footer and tail. Throws a plain Error that says what is wrong. */
export function parseEnd(sealed: Uint8Array): CandleFileInfo {
  const end = sealed.subarray(SEAL_BYTES)
  const seal = Buffer.from(sealed.subarray(0, SEAL_BYTES))
  const intact = seal.subarray(0, 8).toString('latin1') === SEAL_TAG && seal.subarray(8, 40).equals(sha256(end))
  if (!intact) throw new Error('its footer does not have the sha256 of its seal')
  const magic = Buffer.from(`${MAGIC}\0\0`, 'latin1')
  const reader = RecordBatchReader.from(new Uint8Array(Buffer.concat([magic, end])))
  reader.open()
  return parseMetadata(reader.schema.metadata)
}

function parseMetadata(metadata: ReadonlyMap<string, string>): CandleFileInfo {
  if (metadata.get('format') !== FORMAT) throw new Error(`it is not of the format ${FORMAT}`)
  const market = MARKETS.find((m) => m === metadata.get('market'))
  const interval = INTERVALS.find((i) => i === metadata.get('interval'))
  const symbol = metadata.get('symbol') ?? ''
  const rows = Number(metadata.get('rows'))
  const sha256 = metadata.get('sha256') ?? ''
  const validRows = Number.isSafeInteger(rows) && rows >= 0
  if (market === undefined || interval === undefined || !isSymbol(symbol) || !validRows || sha256.length !== 64) {
    throw new Error('its metadata are incomplete')
  }
  const first = rows === 0 ? null : Number(metadata.get('first'))
  const last = rows === 0 ? null : Number(metadata.get('last'))
  if (Number.isNaN(first) || Number.isNaN(last)) throw new Error('its metadata are incomplete')
  return { market, symbol, interval, rows, first, last, sha256 }
}

/** Where the columns lie in a file of `size` bytes: one run of bytes, in the order of CANDLE_COLUMNS. */
export function columnRange(
  size: number,
  options: { footerLength: number; rows: number },
): { from: number; to: number } {
  const sealStart = size - TAIL_BYTES - options.footerLength - SEAL_BYTES
  const from = headLength(sealStart, options.rows)
  if (from < 0) throw new Error(`it has only ${size} bytes`)
  return { from, to: sealStart - END_BYTES }
}

/**
 * A series as views on the bytes of a whole file. Everything that the views rest on is checked; `sha256` is what the
 * column range was found to have, null if it was not looked at. Throws a plain Error that says what is wrong.
 */
export function decodeCandleFile(
  bytes: Uint8Array,
  found: { footerLength: number; info: CandleFileInfo; sha256: string | null },
): CandleSeries {
  const { info, footerLength } = found
  const range = columnRange(bytes.byteLength, { footerLength, rows: info.rows })
  const seal = Buffer.from(bytes.slice(range.to + END_BYTES + 40, range.to + END_BYTES + SEAL_BYTES))
  if (!seal.equals(sha256(bytes.slice(0, range.from)))) {
    throw new Error('its beginning does not have the sha256 of its seal')
  }
  const table = tableFromIPC(bytes)
  const batches = table.batches
  if (info.rows > 0 && batches.length !== 1) throw new Error(`it has ${batches.length} record batches, expected 1`)
  const names = table.schema.fields.map((field) => field.name)
  if (names.join() !== CANDLE_COLUMNS.join()) throw new Error(`its columns are ${names.join(', ')}`)
  const columns = CANDLE_COLUMNS.map((name, i) => {
    if (info.rows === 0) return new Float64Array(new SharedArrayBuffer(0))
    const values: unknown = batches[0]?.data.children[i]?.values
    if (
      !(values instanceof Float64Array) ||
      values.length !== info.rows ||
      values.buffer !== bytes.buffer ||
      values.byteOffset !== bytes.byteOffset + range.from + i * 8 * info.rows
    ) {
      throw new Error(`its column ${name} is not ${info.rows} doubles`)
    }
    return values
  })
  const [time, open, high, low, close, volume] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  if (info.rows > 0 && (time[0] !== info.first || time[info.rows - 1] !== info.last)) {
    throw new Error('its times are not those of its metadata')
  }
  if (found.sha256 !== null && found.sha256 !== info.sha256)
    throw new Error('its columns do not have the sha256 it names')
  const { symbol, interval, rows } = info
  return { symbol, interval, rows, time, open, high, low, close, volume }
}
