import { describe, test } from 'vitest'
import { createTimeReader } from '../../../orchestrator-service/candles/csv-time.ts'
import { parseTimeZone } from '../../../orchestrator-service/candles/time-zone.ts'

function parse(text: string, options: { format?: string; tz?: string; sample?: string } = {}) {
  const zone = parseTimeZone(options.tz ?? 'UTC')
  return createTimeReader(options.sample ?? text, { format: options.format ?? null, zone }).parse(text)
}

const T = Date.UTC(2024, 0, 31, 8, 30)

describe('times of a CSV file', () => {
  test.for<[string, { format?: string; tz?: string }, number]>([
    ['1706689800', {}, T],
    ['1706689800000', {}, T],
    ['1706689800000000', {}, T],
    ['2024-01-31T08:30:00Z', {}, T],
    ['2024-01-31 08:30', {}, T],
    ['2024-01-31 08:30:00.000', {}, T],
    ['2024-01-31 08:30:00 UTC', {}, T],
    ['2024-01-31T09:30:00+01:00', {}, T],
    ['2024-01-31T03:00:00-0530', {}, T],
    ['2024-01-31', {}, Date.UTC(2024, 0, 31)],
    ['20240131', {}, Date.UTC(2024, 0, 31)],
    ['2024-01-31 09:30', { tz: 'Europe/Berlin' }, T],
    ['2024-01-31 17:30', { tz: '+09:00' }, T],
    ['31.01.2024 08:30', { format: 'dd.MM.yyyy HH:mm' }, T],
    ['1/31/2024 8:30 AM', { format: 'M/d/yyyy h:mm a' }, T],
    ['1/31/2024 12:05 am', { format: 'M/d/yyyy h:mm a' }, Date.UTC(2024, 0, 31, 0, 5)],
    ['20240131 083000', { format: 'yyyyMMdd HHmmss' }, T],
    ['-86400', { format: 's' }, -86_400_000],
  ])('%s with %j is one instant', ([text, options, expected], { expect }) => {
    expect(parse(text, options)).toBe(expected)
  })

  test.for<[string, { format?: string; tz?: string; sample?: string }, string]>([
    ['1706689800', { sample: '1706689800000' }, 'mixed_time_units'],
    ['1706689800000000', { sample: '1706689800000' }, 'mixed_time_units'],
    ['2024-01-31', { sample: '1706689800000' }, 'unparsable'],
    ['1706689800000', { sample: '2024-01-31' }, 'unparsable'],
    ['2023-02-29', { sample: '2024-01-31' }, 'unparsable'],
    ['2024-01-31 24:00', { sample: '2024-01-31' }, 'unparsable'],
    ['31.13.2024', { format: 'dd.MM.yyyy' }, 'unparsable'],
    ['', { sample: '1706689800000' }, 'unparsable'],
  ])('%s with %j is refused', ([text, options, kind], { expect }) => {
    expect(parse(text, options)).toMatchObject({ kind })
  })

  test('a local time that the clock skipped or showed twice is refused, its neighbours are not', ({ expect }) => {
    const reader = createTimeReader('2024-03-31 01:59', { format: null, zone: parseTimeZone('Europe/Berlin') })

    // clocks went from 02:00 to 03:00 on 2024-03-31 (UTC 01:00) and from 03:00 to 02:00 on 2024-10-27 (UTC 01:00)
    expect(reader.parse('2024-03-31 01:59')).toBe(Date.UTC(2024, 2, 31, 0, 59))
    expect(reader.parse('2024-03-31 02:00')).toMatchObject({ kind: 'bad_local_time' })
    expect(reader.parse('2024-03-31 02:59')).toMatchObject({ kind: 'bad_local_time' })
    expect(reader.parse('2024-03-31 03:00')).toBe(Date.UTC(2024, 2, 31, 1))
    expect(reader.parse('2024-10-27 01:59')).toBe(Date.UTC(2024, 9, 26, 23, 59))
    expect(reader.parse('2024-10-27 02:00')).toMatchObject({ kind: 'bad_local_time' })
    expect(reader.parse('2024-10-27 02:59')).toMatchObject({ kind: 'bad_local_time' })
    expect(reader.parse('2024-10-27 03:00')).toBe(Date.UTC(2024, 9, 27, 2))
  })

  test('half-hour shifts and western zones are handled', ({ expect }) => {
    // Lord Howe: 02:00 -> 02:30 on 2024-10-06, offset +10:30 -> +11:00
    const howe = parseTimeZone('Australia/Lord_Howe')
    expect(howe.toUtc(Date.UTC(2024, 9, 6, 2, 15))).toBe('nonexistent')
    expect(howe.toUtc(Date.UTC(2024, 9, 6, 2, 30))).toBe(Date.UTC(2024, 9, 5, 15, 30))
    const york = parseTimeZone('America/New_York')
    expect(york.toUtc(Date.UTC(2024, 10, 3, 1, 30))).toBe('ambiguous')
    expect(york.toUtc(Date.UTC(2024, 6, 1, 9, 30))).toBe(Date.UTC(2024, 6, 1, 13, 30))
  })

  test.for(['Mars/Olympus', '+25:00', ''])('time zone %j is a usage error', (tz, { expect }) => {
    expect(() => parseTimeZone(tz)).toThrow(expect.objectContaining({ code: 'usage' }))
  })

  test.for(['QQ', 'dd.MM', 'dd.MM.yyyy dd', 'x'.repeat(100)])('format %j is a usage error', (format, { expect }) => {
    expect(() => parse('2024-01-31', { format })).toThrow(expect.objectContaining({ code: 'usage' }))
  })

  test('a time that is not recognised asks for --time-format', ({ expect }) => {
    expect(() => parse('Jan 31st')).toThrow(expect.objectContaining({ code: 'import_rejected' }))
  })
})
