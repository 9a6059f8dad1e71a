import { CANDLE_COLUMNS, type CandleColumn } from '../../src/candles/series.ts'
import { PlatformError } from '../../src/errors.ts'

/** Where a file has each column (index of the field); volume −1: the file has none. */
export type ColumnPlaces = Readonly<Record<CandleColumn, number>>

export interface RecognisedHeader {
  readonly source: 'hotcell' | 'binance' | 'yahoo' | 'tradingview' | 'coinbase' | 'mapped' | 'generic'
  /** False: the first line is data already. */
  readonly hasHeader: boolean
  readonly places: ColumnPlaces
  readonly fields: number
  /** The file's own name of each column. */
  readonly names: Readonly<Record<CandleColumn, string | null>>
  readonly ignored: readonly string[]
}

/** Names under which files have their columns, best first; compared in lower case with `_` for blanks. */
const ALIASES: Readonly<Record<CandleColumn, readonly string[]>> = {
  time: ['open_time', 'opentime', 'time', 'unix', 'timestamp', 'datetime', 'date', 'start'],
  open: ['open', 'open_price'],
  high: ['high', 'high_price'],
  low: ['low', 'low_price'],
  close: ['close', 'close_price'],
  volume: ['volume', 'vol', 'volume_(base)', 'base_volume'],
}

/** Names in `--map` and in this project's own export. */
const MAP_NAMES = new Map<string, CandleColumn>([['open_time', 'time'], ...CANDLE_COLUMNS.map((c) => [c, c] as const)])

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/
/** Klines without a header come with 12 fields (Binance) or their first 6. */
const HEADERLESS_FIELDS = [6, 11, 12]

function normalise(name: string): string {
  return name.trim().toLowerCase().replaceAll(/\s+/g, '_')
}

/** `--map open_time=Date,close=Last` as column -> name (or number, from 1) of the file's field. @throws PlatformError usage */
export function parseColumnMap(text: string): ReadonlyMap<CandleColumn, string> {
  const map = new Map<CandleColumn, string>()
  for (const part of text.split(',')) {
    const at = part.indexOf('=')
    const column = MAP_NAMES.get(part.slice(0, Math.max(at, 0)).trim())
    const name = part.slice(at + 1).trim()
    if (at < 0 || column === undefined || name === '' || map.has(column)) {
      throw new PlatformError(
        'usage',
        `Cannot use --map ${JSON.stringify(text.slice(0, 200))}: "${part.slice(0, 64)}" is not a mapping, expected open_time=NAME,open=NAME,… each once`,
      )
    }
    map.set(column, name)
  }
  return map
}

/**
 * What the first line of a file says of its columns.
 * @throws PlatformError import_rejected naming what was not found
 */
export function recogniseHeader(first: readonly string[], map: ReadonlyMap<CandleColumn, string>): RecognisedHeader {
  const trimmed = first.map((field) => field.trim())
  const headerless = trimmed.every((field) => NUMBER.test(field))
  if (headerless && map.size === 0 && HEADERLESS_FIELDS.includes(trimmed.length)) {
    const places = { time: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 }
    const names = { time: null, open: null, high: null, low: null, close: null, volume: null }
    const ignored = trimmed.slice(6).map((_, i) => `field ${i + 7}`)
    return { source: 'binance', hasHeader: false, places, fields: trimmed.length, names, ignored }
  }
  const normal = trimmed.map(normalise)
  const place = (column: CandleColumn): number => {
    const wanted = map.get(column)
    return wanted === undefined ? findAlias(normal, column) : findMapped(normal, { column, wanted, headerless })
  }
  const places = {
    time: place('time'),
    open: place('open'),
    high: place('high'),
    low: place('low'),
    close: place('close'),
    volume: place('volume'),
  }
  const missing = CANDLE_COLUMNS.filter((column) => column !== 'volume' && places[column] < 0)
  if (missing.length > 0) throw notRecognised(trimmed, missing)
  const nameOf = (column: CandleColumn): string | null => (headerless ? null : (trimmed[places[column]] ?? null))
  const used = new Set(Object.values(places))
  return {
    source: map.size > 0 ? 'mapped' : recogniseSource(normal),
    hasHeader: !headerless,
    places,
    fields: trimmed.length,
    names: {
      time: nameOf('time'),
      open: nameOf('open'),
      high: nameOf('high'),
      low: nameOf('low'),
      close: nameOf('close'),
      volume: nameOf('volume'),
    },
    ignored: trimmed.map((name, i) => (headerless ? `field ${i + 1}` : name)).filter((_, i) => !used.has(i)),
  }
}

function findAlias(names: readonly string[], column: CandleColumn): number {
  for (const alias of ALIASES[column]) {
    const index = names.indexOf(alias)
    if (index < 0) continue
    if (names.includes(alias, index + 1)) {
      throw new PlatformError('import_rejected', `Cannot import: two columns are named "${alias}", expected one`, {
        hint: `Say which one with --map ${column === 'time' ? 'open_time' : column}=NUMBER (fields are numbered from 1)`,
      })
    }
    return index
  }
  return -1
}

function findMapped(
  names: readonly string[],
  options: { column: CandleColumn; wanted: string; headerless: boolean },
): number {
  const { column, wanted, headerless } = options
  const byName = headerless ? -1 : names.indexOf(normalise(wanted))
  const number = /^\d{1,4}$/.test(wanted) ? Number(wanted) : 0
  const index = byName >= 0 ? byName : number - 1
  if (index >= 0 && index < names.length) return index
  throw new PlatformError(
    'import_rejected',
    `Cannot import: the column "${wanted.slice(0, 64)}" that --map names for ${column === 'time' ? 'open_time' : column} is not in the file, expected one of ${describeNames(names)}`,
  )
}

function describeNames(names: readonly string[]): string {
  return names
    .slice(0, 20)
    .map((name) => JSON.stringify(name.slice(0, 32)))
    .join(', ')
}

function notRecognised(first: readonly string[], missing: readonly CandleColumn[]): PlatformError {
  const list = missing.map((column) => (column === 'time' ? 'open_time' : column)).join(', ')
  return new PlatformError(
    'import_rejected',
    `Cannot import: no column for ${list} among ${describeNames(first)}, expected a header of Binance, Yahoo, TradingView, Coinbase or Hotcell`,
    { hint: 'Name the columns with --map open_time=NAME,open=NAME,high=NAME,low=NAME,close=NAME,volume=NAME' },
  )
}

function recogniseSource(names: readonly string[]): RecognisedHeader['source'] {
  const starts = (...columns: string[]): boolean => columns.every((column, i) => names[i] === column)
  if (names.includes('close_time') || names.includes('taker_buy_volume')) return 'binance'
  if (names.includes('adj_close') || starts('date', 'open', 'high', 'low', 'close')) return 'yahoo'
  if (starts('time', 'low', 'high', 'open', 'close') || starts('start', 'low', 'high', 'open', 'close'))
    return 'coinbase'
  if (starts('open_time', 'open', 'high', 'low', 'close', 'volume') && names.length === 6) return 'hotcell'
  if (starts('time', 'open', 'high', 'low', 'close')) return 'tradingview'
  return 'generic'
}
