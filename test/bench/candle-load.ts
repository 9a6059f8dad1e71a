import { closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CANDLE_COLUMNS } from '../../src/candles/series.ts'
import { realShapedCandles } from './candles.ts'
import { type BenchContext, type BenchRow, pair, rowOf, timed } from './harness.ts'

const ROWS = 5_000_000

/** The bytes of six columns, each into a SharedArrayBuffer of its own: what loading costs at least. */
function rawRead(file: string): void {
  const handle = openSync(file, 'r')
  const columnBytes = statSync(file).size / CANDLE_COLUMNS.length
  for (let column = 0; column < CANDLE_COLUMNS.length; column += 1) {
    const bytes = new Uint8Array(new SharedArrayBuffer(columnBytes))
    let read = 0
    while (read < columnBytes) read += readSync(handle, bytes, read, columnBytes - read, column * columnBytes + read)
  }
  closeSync(handle)
}

/** Candles from the archive against a raw read of the same bytes; ratios are speeds (baseline time over ours). */
export async function benchCandleLoad(context: BenchContext): Promise<BenchRow[]> {
  const { archive } = context.deps
  const series = realShapedCandles('LOAD', ROWS)
  await archive.write('spot', series)
  const folder = mkdtempSync(join(tmpdir(), 'hotcell-raw-'))
  const file = join(folder, 'columns.bin')
  writeFileSync(file, Buffer.from(series.time.buffer.slice(0)))
  try {
    const rows: BenchRow[] = []
    for (const [verify, goal, name] of [
      [false, '>= 0.9', 'candle load'],
      [true, '>= 0.35', 'candle load, hashed'],
    ] as const) {
      const measured = await pair(
        context.rounds,
        async () => await timed(() => rawRead(file)),
        async () => await timed(async () => await archive.load('spot', 'LOAD', '1m', { verify })),
      )
      rows.push({
        ...rowOf({
          name: `${name}, 5 M bars`,
          unit: 'ms',
          baselineName: 'raw read into six SharedArrayBuffers',
          goal,
          measured,
        }),
        value: measured.b,
        baseline: measured.a,
      })
    }
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
