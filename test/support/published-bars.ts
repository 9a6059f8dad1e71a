import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { ReferenceBar } from './reference-engine-types.ts'

const ROOT = new URL('../../', import.meta.url)

/** Candles of a file of the test data (`market/SYMBOL-interval`), or null when the data are not on this machine. */
export function publishedBars(name: string): ReferenceBar[] | null {
  const folder = new URL(`${process.env['HOTCELL_TEST_DATA'] ?? '../shared/data'}/`, ROOT)
  const file = new URL(`${name}.csv.gz`, folder)
  if (!existsSync(file)) {
    console.log(`left out: no test data at ${file.pathname} (set HOTCELL_TEST_DATA)`)
    return null
  }
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').slice(1)
  return lines.map((line) => {
    const [time, open, high, low, close, volume] = line.split(',').map(Number)
    return { time: time!, open: open!, high: high!, low: low!, close: close!, volume: volume! }
  })
}
