import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { CandleSeries } from '../../src/candles/series.ts'

const COLUMNS = 6
/** 2020-01-01. */
const START = 1_577_836_800_000

function readReal(): number[][] | null {
  const file = join(
    process.env['HOTCELL_TEST_DATA'] ?? join('..', 'shared', 'data'),
    'crypto-perp',
    'BTCUSDT-1m.csv.gz',
  )
  if (!existsSync(file)) return null
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').slice(1)
  return lines.map((line) => line.split(',').map(Number))
}

/** A walk with the shape of minute bars, for machines without the real ones. Seeded, so that each run measures the same. */
function makeRows(rows: number): number[][] {
  let state = 12_345
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  let price = 50_000
  return Array.from({ length: rows }, (_, i) => {
    const open = price
    const close = open * (1 + (random() + random() + random() - 1.5) * 0.001)
    price = close
    const high = Math.max(open, close) * (1 + random() * 0.0004)
    const low = Math.min(open, close) * (1 - random() * 0.0004)
    return [i * 60_000, open, high, low, close, random() * 100]
  })
}

/**
 * `rows` minute bars in the shape of real ones: the real month repeated from its bar `shift` on, each time scaled so that it goes on where
 * the one before ended.
 */
export function realShapedCandles(symbol: string, rows: number, shift = 0): CandleSeries {
  const base = readReal() ?? makeRows(41_760)
  const buffer = new SharedArrayBuffer(rows * 8 * COLUMNS)
  const column = (index: number): Float64Array => new Float64Array(buffer, index * rows * 8, rows)
  const [time, open, high, low, close, volume] = [0, 1, 2, 3, 4, 5].map(column) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  let scale = 1
  for (let i = 0; i < rows; i += 1) {
    const at = (i + shift) % base.length
    // The walk is kept near its beginning, or months of one trend would multiply to nothing
    if (i > 0 && at === 0) scale = Math.min(2, Math.max(0.5, close[i - 1]! / base[0]![1]!))
    const row = base[at]!
    time[i] = START + i * 60_000
    open[i] = row[1]! * scale
    high[i] = row[2]! * scale
    low[i] = row[3]! * scale
    close[i] = row[4]! * scale
    volume[i] = row[5]!
  }
  return { symbol, interval: '1m', rows, time, open, high, low, close, volume }
}
