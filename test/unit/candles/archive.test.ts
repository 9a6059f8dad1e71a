import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'vitest'
import { createCandleArchive } from '../../../orchestrator-service/candles/archive.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'

async function temporaryFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'hotcell-archive-'))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

function makeSeries(rows: number, symbol = 'BTCUSDT'): CandleSeries {
  const column = (value: (i: number) => number) => Float64Array.from({ length: rows }, (_, i) => value(i))
  return {
    symbol,
    interval: '1h',
    rows,
    time: column((i) => 1_700_000_400_000 + i * 3_600_000 - 2_800_000_000 + 2_799_600_000),
    open: column((i) => 100 + i),
    high: column((i) => 101 + i),
    low: column((i) => 99 + i),
    close: column((i) => 100.5 + i),
    volume: column((i) => (i % 7 === 0 ? -0 : i)),
  }
}

describe('candle archive', () => {
  test('load() returns what write() was given, on one SharedArrayBuffer, without negative zeros', async ({
    expect,
  }) => {
    await using dir = await temporaryFolder()
    const archive = createCandleArchive(dir.folder)

    await archive.write('spot', makeSeries(1000))
    const loaded = await archive.load('spot', 'BTCUSDT', '1h')

    expect(loaded?.rows).toBe(1000)
    expect(loaded?.time.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(loaded?.volume.buffer).toBe(loaded?.time.buffer)
    expect([...loaded!.close]).toEqual([...makeSeries(1000).close])
    expect(Object.is(loaded!.volume[0], 0)).toBe(true)
  })

  test('load() of a series that is not there is null', async ({ expect }) => {
    await using dir = await temporaryFolder()

    expect(await createCandleArchive(dir.folder).load('spot', 'NOTHERE', '1d')).toBeNull()
  })

  test('an empty series can be stored and loaded', async ({ expect }) => {
    await using dir = await temporaryFolder()
    const archive = createCandleArchive(dir.folder)

    await archive.write('spot', makeSeries(0))

    expect((await archive.load('spot', 'BTCUSDT', '1h'))?.rows).toBe(0)
    expect((await archive.list())[0]).toMatchObject({ rows: 0, first: null, last: null, problem: null })
  })

  test('list() names every series with its range and leaves no temporary file', async ({ expect }) => {
    await using dir = await temporaryFolder()
    const archive = createCandleArchive(dir.folder)
    const series = makeSeries(50)

    await archive.write('spot', series)
    await archive.write('perpetual', makeSeries(3, 'AAVE.P'))
    await archive.write('spot', series)

    const listed = await archive.list()
    expect(listed.map((l) => [l.market, l.symbol, l.interval, l.rows, l.first, l.last, l.problem])).toEqual([
      ['spot', 'BTCUSDT', '1h', 50, series.time[0], series.time[49], null],
      ['perpetual', 'AAVE.P', '1h', 3, series.time[0], series.time[2], null],
    ])
    expect(await readdir(path.join(dir.folder, 'candles', 'spot', 'BTCUSDT'))).toEqual(['1h.arrow'])
  })

  test.for(['../evil', '..', 'a/b', 'A\0B', '.hidden', '', 'A'.repeat(33), 'A..B'])(
    'symbol %j never becomes a path',
    async (symbol, { expect }) => {
      await using dir = await temporaryFolder()
      const archive = createCandleArchive(dir.folder)

      await expect(archive.load('spot', symbol, '1h').then(() => null)).rejects.toMatchObject({ code: 'usage' })
      await expect(archive.write('spot', makeSeries(2, symbol))).rejects.toMatchObject({ code: 'usage' })
    },
  )

  test('a truncated, flipped or foreign file is data_unavailable, and list() says so', async ({ expect }) => {
    await using dir = await temporaryFolder()
    const archive = createCandleArchive(dir.folder)
    await archive.write('spot', makeSeries(500))
    const file = path.join(dir.folder, 'candles', 'spot', 'BTCUSDT', '1h.arrow')
    const bytes = await readFile(file)
    const load = () => archive.load('spot', 'BTCUSDT', '1h')

    const flipped = Buffer.from(bytes)
    flipped[5000]! ^= 1
    await writeFile(file, flipped)
    await expect(load()).rejects.toThrow(/sha256/)

    for (const length of [0, 7, 100, 4000, bytes.length - 1, bytes.length - 200]) {
      await writeFile(file, bytes)
      await truncate(file, length)
      await expect(load()).rejects.toMatchObject({ code: 'data_unavailable' })
      expect((await archive.list())[0]?.problem).not.toBeNull()
    }

    await archive.write('spot', makeSeries(500, 'ETHUSDT'))
    await writeFile(file, await readFile(path.join(dir.folder, 'candles', 'spot', 'ETHUSDT', '1h.arrow')))
    await expect(load()).rejects.toThrow(/it holds spot ETHUSDT 1h/)
  })

  test('no flipped byte anywhere in a file goes unnoticed or keeps the reader busy', async ({ expect }) => {
    await using dir = await temporaryFolder()
    const archive = createCandleArchive(dir.folder)
    await archive.write('spot', makeSeries(5))
    const file = path.join(dir.folder, 'candles', 'spot', 'BTCUSDT', '1h.arrow')
    const bytes = await readFile(file)

    const unnoticed: number[] = []
    for (let at = 0; at < bytes.length; at += 5) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 0xff
      await writeFile(file, flipped)
      const loaded = await archive.load('spot', 'BTCUSDT', '1h').catch(() => null)
      if (loaded !== null) unnoticed.push(at)
    }

    // Arrow's mark for the end of the batches is the only place that holds nothing
    expect(unnoticed.filter((at) => bytes.readBigUInt64LE(at - (at % 8)) !== 0xffff_ffffn)).toEqual([])
  })

  test('values that are not finite are never stored', async ({ expect }) => {
    await using dir = await temporaryFolder()
    const series = makeSeries(5)
    series.high[3] = Number.NaN

    await expect(createCandleArchive(dir.folder).write('spot', series)).rejects.toMatchObject({ code: 'invariant' })
  })
})
