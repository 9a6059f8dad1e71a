import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'vitest'
import { createStores } from '../../../orchestrator-service/deps.ts'
import { candlesCheck, candlesImport, candlesList } from '../../../orchestrator-service/cli/commands/candles.ts'

const HEADER = 'open_time,open,high,low,close,volume'

function rows(count: number): string {
  return Array.from({ length: count }, (_, i) => `${1_704_067_200_000 + i * 3_600_000},100,110,90,105,1`).join('\n')
}

async function workspace(json: boolean) {
  const folder = await mkdtemp(path.join(tmpdir(), 'hotcell-candles-'))
  const out: string[] = []
  const err: string[] = []
  return {
    folder,
    out,
    err,
    io: { json, out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) },
    ...createStores({ dataDir: folder }),
    async file(name: string, content: string): Promise<string> {
      await writeFile(path.join(folder, name), content)
      return path.join(folder, name)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

describe('candles commands', () => {
  test('import says what it recognised, list and check show it', async ({ expect }) => {
    await using work = await workspace(false)
    const { archive, io } = work
    const files = [await work.file('BTCUSDT-1h.csv', `${HEADER}\n${rows(48)}`)]

    expect(await candlesImport({ ...work, files }, io)).toBe(0)
    expect(await candlesList(work, io)).toBe(0)
    expect(await candlesCheck({ archive }, io)).toBe(0)

    expect(work.out[0]).toBe(
      [
        'Imported spot BTCUSDT 1h: 48 bars, 2024-01-01T00:00Z to 2024-01-02T23:00Z',
        '  recognised: hotcell, comma, time ms; time=open_time, open=open, high=high, low=low, close=close, volume=volume',
      ].join('\n'),
    )
    expect(work.out[1]).toContain('spot    BTCUSDT  1h          48  2024-01-01T00:00Z  2024-01-02T23:00Z')
    expect(work.out[2]).toContain('spot BTCUSDT 1h: 48 bars, ok')
  })

  test('with --json each command prints one document', async ({ expect }) => {
    await using work = await workspace(true)
    const { archive, io } = work
    const files = [
      await work.file('A-1h.csv', `${HEADER}\n${rows(3)}`),
      await work.file('B-1h.csv', `${HEADER}\n${rows(4)}`),
    ]

    await candlesImport({ ...work, files }, io)
    await candlesList(work, io)
    await candlesCheck({ archive, symbol: 'B' }, io)

    expect(work.out).toHaveLength(3)
    const [imported, listed, checked] = work.out.map((text) => JSON.parse(text) as Record<string, unknown[]>)
    expect(imported?.['imported']).toHaveLength(2)
    expect(listed?.['candles']).toMatchObject([
      { symbol: 'A', rows: 3 },
      { symbol: 'B', rows: 4 },
    ])
    expect(checked?.['checked']).toMatchObject([{ symbol: 'B', problem: null, rejected: { total: 0 } }])
  })

  test('mark prices and funding rows are told by the names of their files and listed beside the candles', async ({
    expect,
  }) => {
    await using work = await workspace(false)
    const files = [
      await work.file('BTCUSDT-mark-1h.csv', `${HEADER}\n${rows(3)}`),
      await work.file(
        'BTCUSDT-funding.csv',
        'funding_time,rate,mark\n1741334400001,-0.00001539,88311.88999259\n1741363200000,0.0001,\n',
      ),
    ]

    expect(await candlesImport({ ...work, files }, work.io)).toBe(0)
    await candlesList(work, work.io)

    expect(work.out[0]).toContain('Imported mark prices of perpetual BTCUSDT 1h: 3 bars')
    expect(work.out[1]).toContain(
      'Imported funding of BTCUSDT: 2 rows, 2025-03-07T08:00:00.001Z to 2025-03-07T16:00Z, 1 with mark price',
    )
    expect(work.out[2]).toMatch(/perpetual +BTCUSDT +mark 1h +3/)
    expect(work.out[2]).toMatch(/perpetual +BTCUSDT +funding +2/)
    const funding = await work.funding.load('BTCUSDT')
    expect([...funding!.time]).toEqual([1_741_334_400_001, 1_741_363_200_000])
    expect([...funding!.mark]).toEqual([88_311.889_992_59, Number.NaN])
    expect((await work.marks.load('perpetual', 'BTCUSDT', '1h'))!.rows).toBe(3)
    expect(await work.archive.list()).toEqual([])
  })

  test('funding rows out of order, or with a rate that is none, are refused and nothing is stored', async ({
    expect,
  }) => {
    await using work = await workspace(false)
    const files = [
      await work.file('A-funding.csv', 'funding_time,rate\n1741334400000,0.1\n1741334300000,0.1\n1741334500000,x\n'),
    ]

    await expect(candlesImport({ ...work, files }, work.io)).rejects.toMatchObject({
      code: 'import_rejected',
      message: expect.stringContaining('1 not_ascending, 1 unparsable; first: line 3') as string,
    })
    expect(await work.funding.list()).toEqual([])
  })

  test('one refused file of several is an error that names it; the others are stored', async ({ expect }) => {
    await using work = await workspace(false)
    const { archive, io } = work
    const files = [
      await work.file('A-1h.csv', `${HEADER}\n${rows(3)}\n1,2`),
      await work.file('B-1h.csv', `${HEADER}\n${rows(4)}`),
    ]

    await expect(candlesImport({ ...work, files }, io)).rejects.toMatchObject({ code: 'import_rejected' })

    expect((await archive.list()).map((one) => one.symbol)).toEqual(['B'])
    expect(work.err[0]).toContain('line 5: unparsable: the line has 2 fields, expected 6')
  })

  test('check finds a damaged file and answers with exit code 3', async ({ expect }) => {
    await using work = await workspace(false)
    const { archive, io } = work
    await candlesImport({ ...work, files: [await work.file('A-1h.csv', `${HEADER}\n${rows(3)}`)] }, io)
    await writeFile(path.join(work.folder, 'candles/spot/A/1h.arrow'), 'not arrow')

    expect(await candlesCheck({ archive }, io)).toBe(3)
    expect(work.out[1]).toMatch(/the archive file is damaged/)
    await expect(candlesCheck({ archive, symbol: 'NOPE' }, io)).rejects.toMatchObject({ code: 'data_unavailable' })
  })

  test.for<[Record<string, string>, RegExp]>([
    [{ market: 'futures' }, /market "futures"/],
    [{ interval: '7m' }, /interval "7m"/],
    [{ symbol: '../x' }, /not a symbol name/],
    [{ tz: 'Mars/Olympus' }, /time zone/],
    [{ map: 'nonsense' }, /--map/],
  ])('%j is a usage error', async ([flags, expected], { expect }) => {
    await using work = await workspace(false)
    const files = [await work.file('A-1h.csv', `${HEADER}\n${rows(3)}`)]

    await expect(candlesImport({ ...work, files, ...flags }, work.io)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(expected) as string,
    })
  })
})
