import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'vitest'
import { createCandleArchive } from '../../../orchestrator-service/candles/archive.ts'
import { hashColumns } from '../../../orchestrator-service/candles/arrow-file.ts'
import { makeSampleSeries, writeSampleCandles } from '../../../orchestrator-service/candles/sample-data.ts'
import { summariseGaps } from '../../../src/candles/gaps.ts'
import { checkQuality } from '../../../src/candles/quality.ts'
import { CANDLE_COLUMNS } from '../../../src/candles/series.ts'

function hashes(): string[] {
  return makeSampleSeries().map((series) => hashColumns(CANDLE_COLUMNS.map((name) => series[name])))
}

describe('sample candles', () => {
  test('are the same bytes every time, different for each symbol', ({ expect }) => {
    expect(hashes()).toEqual([
      '2fd0940c29631f0c5505e290090660abefcd47a192c0246121d7fab582bdd1d1',
      '1a7fabc8cd5cad4c202c8cdea5cab1f82c54052af317a86af881e9f78103e82d',
      'e6a10e49d72c691304d04d32435d594eb1606c7cd44d2e082a25d9590c9aa674',
    ])
  })

  test('keep every data rule, have no gap, and cover more than 400 days', ({ expect }) => {
    for (const series of makeSampleSeries()) {
      const { rejected, warnings } = checkQuality(series)

      expect(rejected.total).toBe(0)
      expect(warnings.total).toBe(0)
      expect(summariseGaps(series).count).toBe(0)
      expect(series.rows).toBeGreaterThanOrEqual(400 * 24)
      expect(series.symbol).toMatch(/^SYN-/)
    }
  })

  test('are written once and left alone the second time', async ({ expect }) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hotcell-sample-'))
    try {
      const archive = createCandleArchive(folder)
      const sample = await writeSampleCandles(archive)
      const file = path.join(folder, 'candles', 'spot', 'SYN-BTC', '1h.arrow')
      const before = await stat(file, { bigint: true })

      await writeSampleCandles(archive)

      expect((await stat(file, { bigint: true })).ino).toBe(before.ino)
      expect((await archive.list()).map((one) => one.symbol)).toEqual(sample.symbols)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
