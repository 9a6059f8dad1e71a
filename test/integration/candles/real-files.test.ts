import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'vitest'
import { readCsv } from '../../../orchestrator-service/candles/import-csv.ts'
import { REJECTION_KINDS } from '../../../src/candles/quality.ts'

const DATA = path.resolve(process.env['HOTCELL_TEST_DATA'] ?? '../shared/data')
const HERE = existsSync(path.join(DATA, 'dirty'))
if (!HERE) console.warn(`Left out: real and dirty candle files are not at ${DATA}; set HOTCELL_TEST_DATA`)

interface Fault {
  readonly id: string
  readonly index: number
  readonly time: number
}

/** What each listed fault is found as; `at` = open time of the row, or its line where the row has no readable time. */
const EXPECTED: Readonly<Record<string, { kind: string; line?: number; time?: (fault: Fault) => number } | 'gap'>> = {
  missing: 'gap',
  'dup-same': { kind: 'duplicate_time' },
  'dup-conflict': { kind: 'duplicate_time' },
  'out-of-order': { kind: 'non_ascending' },
  'high-lt-low': { kind: 'high_low' },
  'high-lt-body': { kind: 'high_low' },
  'low-gt-body': { kind: 'high_low' },
  'zero-close': { kind: 'non_positive_price' },
  'negative-low': { kind: 'non_positive_price' },
  'negative-volume': { kind: 'negative_volume' },
  'empty-open': { kind: 'unparsable' },
  'nan-close': { kind: 'not_a_number' },
  'inf-high': { kind: 'not_a_number' },
  'spike-x10': { kind: 'jump' },
  'off-grid': { kind: 'off_grid', time: (fault) => fault.time + 1500 },
  seconds: { kind: 'mixed_time_units', line: 699 },
  thousands: { kind: 'unparsable' },
  'short-row': { kind: 'unparsable', line: 799 },
  'long-row': { kind: 'unparsable', line: 819 },
  'header-inside': { kind: 'unparsable', line: 850 },
  'blank-line': { kind: 'unparsable', line: 871 },
  frozen: { kind: 'frozen' },
  'future-time': { kind: 'non_ascending', time: (fault) => fault.time + 30 * 86_400_000 },
  'decimal-comma': { kind: 'unparsable', line: 1001 },
  truncated: { kind: 'unparsable', line: 1440 },
}

async function read(file: string) {
  return await readCsv({ file: path.join(DATA, file), market: 'spot' })
}

describe.skipIf(!HERE)('dirty files', () => {
  test('every one of the 25 injected faults is found at its row, and nothing else is refused', async ({ expect }) => {
    const text = await readFile(path.join(DATA, 'dirty/BTCUSDT_INJECTED-1m.faults.json'), 'utf8')
    const { faults } = JSON.parse(text) as { faults: Fault[] }
    const { report, series } = await read('dirty/BTCUSDT_INJECTED-1m.csv.gz')
    const found = [...report.rejected.list, ...report.warnings.list]

    const missed = faults.filter((fault) => {
      const expected = EXPECTED[fault.id]
      if (expected === 'gap') return series.time.includes(fault.time)
      if (expected === undefined) return true
      const time = expected.time?.(fault) ?? fault.time
      return !found.some(
        (one) =>
          one.kind === expected.kind && (expected.line === undefined ? one.time === time : one.row === expected.line),
      )
    })

    expect(faults).toHaveLength(25)
    expect(missed).toEqual([])
    const refusing = Object.values(EXPECTED).filter(
      (one) => one !== 'gap' && REJECTION_KINDS.some((kind) => kind === one.kind),
    )
    expect(report.rejected.total).toBe(refusing.length)
  })

  test('a second day in microseconds is refused row by row', async ({ expect }) => {
    const { report } = await read('dirty/BTCUSDT_MIXEDUNITS-1m.csv.gz')

    expect([...report.rejected.counts]).toEqual([['mixed_time_units', 1440]])
    expect(report.rejected.list).toHaveLength(1000)
    expect(report.rejected.list[0]?.row).toBe(1442)
  })

  test('spikes and bad prints are stored with a warning', async ({ expect }) => {
    const spikes = (await read('dirty/BTCUSD_SPIKES-4h.csv.gz')).report
    const ticks = (await read('dirty/SPY_BADTICK-1d.csv.gz')).report

    expect([spikes.rejected.total, ticks.rejected.total]).toEqual([0, 0])
    expect(spikes.warnings.list.find((one) => one.message.includes('[0.06,'))?.kind).toBe('jump')
    expect(ticks.warnings.list.map((one) => new Date(one.time ?? 0).toISOString().slice(0, 10))).toEqual([
      '2002-04-02',
      '2002-06-06',
      '2003-09-05',
    ])
  })

  test('a descending file is refused with the way out', async ({ expect }) => {
    const { report } = await read('dirty/ETHUSD_DESC-1d.csv.gz')

    expect(report.descending).toBe(true)
    expect(report.rejected.counts.get('non_ascending')).toBe(3449)
  })

  test('a hole of six years is the longest gap', async ({ expect }) => {
    const { report } = await read('dirty/QQQ_HOLE-1d.csv.gz')

    expect(report.rejected.total).toBe(0)
    expect(report.gaps?.longest?.bars).toBeGreaterThan(6 * 365)
  })
})

describe.skipIf(!HERE)('real files', () => {
  test.for<[string, number]>([
    ['crypto-spot/BTCUSDT-1d.csv.gz', 249],
    ['crypto-spot/SOLUSDT-5m.csv.gz', 26_496],
    ['crypto-perp/BTCUSDT-1m.csv.gz', 41_760],
    ['crypto-spot/BTCUSD-4h.csv.gz', 14_952],
    ['equity/SPY-1h.csv.gz', 10_965],
    ['fx/EURUSD-1h.csv.gz', 24_633],
  ])('%s is accepted whole', async ([file, rows], { expect }) => {
    const { report } = await read(file)

    expect(report.rejected.total).toBe(0)
    expect(report.rows).toBe(rows)
  })
})
