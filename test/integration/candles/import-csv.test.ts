import * as fc from 'fast-check'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, test } from 'vitest'
import { createCandleArchive } from '../../../orchestrator-service/candles/archive.ts'
import { importCsv, type ImportOptions, readCsv } from '../../../orchestrator-service/candles/import-csv.ts'
import { checkQuality } from '../../../src/candles/quality.ts'
import { PlatformError } from '../../../src/errors.ts'

const HEADER = 'open_time,open,high,low,close,volume'
const START = 1_704_067_200_000

function lineAt(hour: number, text = '100,110,90,105,12.5'): string {
  return `${START + hour * 3_600_000},${text}`
}

async function workspace() {
  const folder = await mkdtemp(path.join(tmpdir(), 'hotcell-import-'))
  return {
    archive: createCandleArchive(path.join(folder, 'data')),
    async file(content: string | Uint8Array, name = 'BTCUSDT-1h.csv'): Promise<string> {
      const file = path.join(folder, name)
      await writeFile(file, content)
      return file
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

async function rejectionsOf(options: ImportOptions): Promise<string[]> {
  const { report } = await readCsv(options)
  return report.rejected.list.map(({ row, kind }) => `${row} ${kind}`)
}

async function codeOf(file: string): Promise<unknown> {
  const error: unknown = await readCsv({ file, market: 'spot' }).catch((e: unknown) => e)
  return error instanceof PlatformError ? error.code : error
}

describe('importCsv()', () => {
  test('stores a clean file under the symbol and interval of its name', async ({ expect }) => {
    await using work = await workspace()
    const file = await work.file([HEADER, lineAt(0), lineAt(1), lineAt(3), '', ''].join('\r\n'))

    const report = await importCsv(work.archive, { file, market: 'spot' })
    const series = await work.archive.load('spot', 'BTCUSDT', '1h')

    expect(report).toMatchObject({
      symbol: 'BTCUSDT',
      interval: '1h',
      rows: 3,
      first: START,
      last: START + 3 * 3_600_000,
    })
    expect(report.recognised).toMatchObject({ source: 'hotcell', delimiter: ',', compressed: false, time: 'ms' })
    expect(report.gaps).toMatchObject({ count: 1, missing: 1 })
    expect([...series!.time]).toEqual([START, START + 3_600_000, START + 3 * 3_600_000])
    expect([...series!.volume]).toEqual([12.5, 12.5, 12.5])
  })

  test.for<[string, string, Record<string, unknown>]>([
    ['semicolons', `${HEADER}\n${lineAt(0)}`.replaceAll(',', ';'), {}],
    ['tabs', `${HEADER}\n${lineAt(0)}`.replaceAll(',', '\t'), {}],
    ['a byte order mark', `\uFEFF${HEADER}\n${lineAt(0)}`, {}],
    ['quotes', `${HEADER}\n"${START}","100","110","90","105","12.5"`, {}],
    ['klines without header', `${START},100,110,90,105,12.5,${START + 3_599_999},1,2,3,4,0`, {}],
    ['Yahoo', 'Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-01,100,110,90,105,99,12.5', { interval: '1d' }],
    ['TradingView', `time,open,high,low,close,Volume\n${START / 1000},100,110,90,105,12.5`, {}],
    ['Coinbase', `time,low,high,open,close,volume\n${START / 1000},90,110,100,105,12.5`, {}],
    ['microseconds', `${HEADER}\n${START}000,100,110,90,105,12.5`, {}],
    [
      '--map and --time-format',
      'When,O,H,L,C,V\n01.01.2024 01:00,100,110,90,105,12.5',
      {
        map: 'open_time=When,open=O,high=H,low=L,close=C,volume=V',
        timeFormat: 'dd.MM.yyyy HH:mm',
        tz: 'Europe/Berlin',
      },
    ],
  ])('reads %s to the same candle', async ([, content, options], { expect }) => {
    await using work = await workspace()
    const file = await work.file(content)

    const { report, series } = await readCsv({ file, market: 'spot', ...options })

    expect(report.rejected.list).toEqual([])
    const columns = [series.time, series.open, series.high, series.low, series.close, series.volume]
    expect(columns.map((column) => column[0])).toEqual([START, 100, 110, 90, 105, 12.5])
  })

  test('one bad row keeps the whole file out and leaves what was stored', async ({ expect }) => {
    await using work = await workspace()
    const good = await work.file([HEADER, lineAt(0), lineAt(1)].join('\n'))
    await importCsv(work.archive, { file: good, market: 'spot' })
    const bad = await work.file([HEADER, lineAt(0), lineAt(1, '100,110,90,105,-1'), lineAt(2)].join('\n'))

    await expect(importCsv(work.archive, { file: bad, market: 'spot' })).rejects.toMatchObject({
      code: 'import_rejected',
      message: expect.stringContaining('line 3, the volume is -1') as string,
    })
    expect((await work.archive.load('spot', 'BTCUSDT', '1h'))?.rows).toBe(2)
  })

  test('importing the same candles again, in another form, gives the same bytes', async ({ expect }) => {
    await using work = await workspace()
    const lines = Array.from({ length: 200 }, (_, i) => lineAt(i, `${100 + i},${110 + i},90,105.50,${i}`))
    await importCsv(work.archive, { file: await work.file([HEADER, ...lines].join('\n')), market: 'spot' })
    const [first] = await work.archive.list()

    const zipped = gzipSync([HEADER, ...lines].join('\r\n').replaceAll(',', ';'))
    await importCsv(work.archive, { file: await work.file(zipped, 'BTCUSDT-1h.csv.gz'), market: 'spot' })

    expect((await work.archive.list())[0]?.sha256).toBe(first?.sha256)
  })

  test('a blank line or a repeated header between rows is refused, blank lines at the end are not', async ({
    expect,
  }) => {
    await using work = await workspace()
    const file = await work.file([HEADER, lineAt(0), '', lineAt(1), HEADER, lineAt(2), '', '', ''].join('\n'))

    expect(await rejectionsOf({ file, market: 'spot' })).toEqual(['3 unparsable', '5 unparsable'])
  })

  test.for(['0x10', '1_000', '1,5', '', ' ', '1e999', '--1', '١٢', 'Infinity', 'null', '1 2', '="5"'])(
    'a price written as %j is refused',
    async (text, { expect }) => {
      await using work = await workspace()
      const file = await work.file(
        [HEADER, lineAt(0), `${START + 3_600_000};${text};1000;0.5;2;1`, ''].join('\n').replaceAll(',', ';'),
      )

      expect(await rejectionsOf({ file, market: 'spot' })).toHaveLength(1)
    },
  )

  test.for<[string, string, string]>([
    ['no symbol in the name', 'candles.csv', 'usage'],
    ['a symbol that is no name', '$$$-1h.csv', 'usage'],
    ['an unknown interval', 'BTCUSDT-7m.csv', 'usage'],
  ])('%s is a usage error', async ([, name, code], { expect }) => {
    await using work = await workspace()
    const file = await work.file(HEADER, name)

    await expect(readCsv({ file, market: 'spot' })).rejects.toMatchObject({ code })
  })

  test('a missing file, a folder, an empty and a binary file are errors of their own', async ({ expect }) => {
    await using work = await workspace()
    const empty = await work.file('')

    expect(await codeOf('/nowhere/BTC-1h.csv')).toBe('usage')
    expect(await codeOf(empty)).toBe('import_rejected')
    expect(await codeOf(await work.file(`${HEADER}\n`))).toBe('import_rejected')
    expect(await codeOf(await work.file(new Uint8Array(5000).fill(7)))).toBe('import_rejected')
    await expect(readCsv({ file: path.dirname(empty), market: 'spot', symbol: 'A', interval: '1h' })).rejects.toThrow(
      /regular file/,
    )
  })

  test('a gzip bomb, an endless line and a cut gzip file stop at their caps', async ({ expect }) => {
    await using work = await workspace()
    const bomb = await work.file(gzipSync(Buffer.alloc(50_000_000, `${lineAt(0)}\n`)), 'BOMB-1h.csv.gz')
    const limits = { maxBytes: 1_000_000, maxLineBytes: 65_536 }
    const line = await work.file(gzipSync(Buffer.alloc(50_000_000, 49)), 'LINE-1h.csv.gz')
    const whole = gzipSync([HEADER, ...Array.from({ length: 5000 }, (_, i) => lineAt(i))].join('\n'))
    const cut = await work.file(whole.subarray(0, whole.length - 100), 'CUT-1h.csv.gz')

    await expect(readCsv({ file: bomb, market: 'spot', limits })).rejects.toThrow(/more than 1000000 bytes/)
    await expect(readCsv({ file: line, market: 'spot', limits })).rejects.toThrow(/line 1 is longer than 65536 bytes/)
    await expect(readCsv({ file: cut, market: 'spot' })).rejects.toThrow(/not a whole gzip file/)
  })

  test('whatever a file holds, it is refused by code or its rows keep the data rules', async ({ expect }) => {
    await using work = await workspace()
    const cell = fc.oneof(
      fc.constantFrom(
        '',
        'NaN',
        '"',
        '""',
        '1e5',
        '-0',
        HEADER,
        `${START}`,
        `${START / 1000}`,
        '2024-01-01',
        '\t',
        ';',
        '\r',
      ),
      fc.double().map(String),
      fc.string({ maxLength: 6 }),
    )
    const row = fc.array(cell, { minLength: 1, maxLength: 8 }).map((cells) => cells.join(','))
    const content = fc.array(
      fc.oneof(
        row,
        fc.nat(50).map((i) => lineAt(i)),
      ),
      { maxLength: 12 },
    )

    await fc.assert(
      fc.asyncProperty(content, fc.boolean(), async (lines, headed) => {
        const file = await work.file((headed ? [HEADER, ...lines] : lines).join('\n'))
        const read = await readCsv({ file, market: 'spot' }).catch((error: unknown) => {
          if (error instanceof PlatformError && error.code !== 'invariant') return null
          throw error
        })
        if (read === null || read.report.rejected.total > 0) return
        expect(checkQuality(read.series).rejected.total).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('what an import stores is a file that other Arrow programs know by its magic', async ({ expect }) => {
    await using work = await workspace()
    const file = await work.file([HEADER, lineAt(0)].join('\n'))
    await importCsv(work.archive, { file, market: 'perpetual' })

    const bytes = await readFile(path.join(path.dirname(file), 'data/candles/perpetual/BTCUSDT/1h.arrow'))

    expect(bytes.subarray(0, 6).toString('latin1')).toBe('ARROW1')
    expect(bytes.subarray(-6).toString('latin1')).toBe('ARROW1')
  })
})
