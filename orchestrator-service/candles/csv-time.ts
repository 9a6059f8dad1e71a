import type { RejectionKind } from '../../src/candles/quality.ts'
import { guessTimeUnit, TIME_UNITS, type TimeUnit, toMilliseconds } from '../../src/candles/time-unit.ts'
import { PlatformError } from '../../src/errors.ts'
import type { TimeZone } from './time-zone.ts'

/** A time of a file as ms UTC, or why not. */
export type ParsedTime = number | { readonly kind: RejectionKind; readonly message: string }

export interface TimeReader {
  /** `ms`, `iso` or a pattern. */
  readonly format: string
  /** Zone of times without an offset; null where times are epoch numbers. */
  readonly zone: string | null
  parse(text: string): ParsedTime
}

const EPOCH = /^-?\d{1,17}(\.\d{1,9})?$/
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/
const COMPACT_DATE = /^(19|20)\d{6}$/
const TOKENS = new Map([
  ['yyyy', String.raw`(?<year>\d{4})`],
  ['MM', String.raw`(?<month>\d{2})`],
  ['M', String.raw`(?<month>\d{1,2})`],
  ['dd', String.raw`(?<day>\d{2})`],
  ['d', String.raw`(?<day>\d{1,2})`],
  ['HH', String.raw`(?<hour>\d{2})`],
  ['H', String.raw`(?<hour>\d{1,2})`],
  ['hh', String.raw`(?<hour>\d{2})`],
  ['h', String.raw`(?<hour>\d{1,2})`],
  ['mm', String.raw`(?<minute>\d{2})`],
  ['ss', String.raw`(?<second>\d{2})`],
  ['SSS', String.raw`(?<ms>\d{3})`],
  ['a', '(?<half>[AaPp][Mm])'],
])

/**
 * Reader of a file's times: as stated, or recognised by the first one (epoch seconds, milliseconds or microseconds by
 * magnitude; ISO 8601; yyyyMMdd). The form is one for the whole file: a row in another unit is refused.
 * @throws PlatformError usage (unknown format), import_rejected (not recognised)
 */
export function createTimeReader(sample: string, options: { format: string | null; zone: TimeZone }): TimeReader {
  const { format, zone } = options
  if (format === null) return recogniseTime(sample, zone)
  const unit = TIME_UNITS.find((one) => one === format)
  if (unit !== undefined) return epochReader(unit, guessTimeUnit(Number(sample)) === unit)
  if (format === 'iso') return isoReader(zone)
  return patternReader(format, zone)
}

function recogniseTime(sample: string, zone: TimeZone): TimeReader {
  if (COMPACT_DATE.test(sample)) return patternReader('yyyyMMdd', zone)
  const unit = EPOCH.test(sample) ? guessTimeUnit(Number(sample)) : null
  if (unit !== null) return epochReader(unit, true)
  if (ISO.test(sample)) return isoReader(zone)
  throw new PlatformError(
    'import_rejected',
    `Cannot import: the first time ${JSON.stringify(sample.slice(0, 64))} is not recognised, expected epoch s, ms or us, or ISO 8601`,
    { hint: 'State the form with --time-format iso, s, ms, us or a pattern such as "dd.MM.yyyy HH:mm"' },
  )
}

/** `checked`: the magnitude of the first time agrees with the unit, so another magnitude is another unit. */
function epochReader(unit: TimeUnit, checked: boolean): TimeReader {
  return {
    format: unit,
    zone: null,
    parse(text) {
      if (!EPOCH.test(text)) return unparsable(text, `an epoch time in ${unit}`)
      const value = Number(text)
      const guess = checked ? guessTimeUnit(value) : unit
      if (guess !== unit) {
        const seen = guess === null ? 'out of range' : `in ${guess}`
        return { kind: 'mixed_time_units', message: `the time ${text} looks ${seen}, those before are in ${unit}` }
      }
      return toMilliseconds(value, unit)
    },
  }
}

function unparsable(text: string, expected: string): ParsedTime {
  return { kind: 'unparsable', message: `the time ${JSON.stringify(text.slice(0, 64))} is not ${expected}` }
}

function isoReader(zone: TimeZone): TimeReader {
  return {
    format: 'iso',
    zone: zone.name,
    parse(text) {
      const match = ISO.exec(text)
      if (match === null) return unparsable(text, 'an ISO 8601 time')
      const local = localTime({
        year: Number(match[1]),
        month: Number(match[2]),
        day: Number(match[3]),
        hour: Number(match[4] ?? 0),
        minute: Number(match[5] ?? 0),
        second: Number(match[6] ?? 0),
        ms: Number(`0.${match[7] ?? '0'}`) * 1000,
      })
      if (local === null) return unparsable(text, 'a time that exists')
      const offset = match[8]
      if (offset === undefined) return toInstant(local, { zone, text })
      if (offset === 'Z' || offset === 'UTC') return local
      const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2))
      return local - (offset.startsWith('-') ? -1 : 1) * minutes * 60_000
    },
  }
}

function patternReader(pattern: string, zone: TimeZone): TimeReader {
  const expression = compilePattern(pattern)
  const expected = `of the form ${pattern}`
  return {
    format: pattern,
    zone: zone.name,
    parse(text) {
      const groups = expression.exec(text)?.groups
      if (groups === undefined) return unparsable(text, expected)
      const part = (name: string): number => Number(groups[name] ?? 0)
      const half = groups['half']?.toLowerCase()
      const hour = half === undefined ? part('hour') : (part('hour') % 12) + (half === 'pm' ? 12 : 0)
      const { year, month, day } = { year: part('year'), month: part('month'), day: part('day') }
      const local = localTime({
        year,
        month,
        day,
        hour,
        minute: part('minute'),
        second: part('second'),
        ms: part('ms'),
      })
      return local === null ? unparsable(text, 'a time that exists') : toInstant(local, { zone, text })
    },
  }
}

function compilePattern(pattern: string): RegExp {
  const cannot = (state: string): PlatformError =>
    new PlatformError(
      'usage',
      `Cannot use --time-format ${JSON.stringify(pattern.slice(0, 64))}: ${state}, expected iso, s, ms, us or a pattern of yyyy, MM, dd, HH, hh, mm, ss, SSS, a`,
    )
  if (pattern.length > 64) throw cannot('too long')
  const seen = new Set<string>()
  let source = ''
  for (const [token] of pattern.matchAll(/([A-Za-z])\1*|[^A-Za-z]/g)) {
    const group = TOKENS.get(token)
    if (group !== undefined) {
      const name = group.slice(3, group.indexOf('>'))
      if (seen.has(name)) throw cannot(`${name} is there twice`)
      seen.add(name)
      source += group
    } else if (token === 'T') source += 'T'
    else if (/[A-Za-z]/.test(token)) throw cannot(`"${token}" is unknown`)
    else source += token.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
  }
  const missing = ['year', 'month', 'day'].find((name) => !seen.has(name))
  if (missing !== undefined) throw cannot(`it has no ${missing}`)
  return new RegExp(`^${source}$`)
}

interface ClockTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly ms: number
}

/** The clock read as if it were UTC; null for a date or time of day that does not exist. */
function localTime(time: ClockTime): number | null {
  const { year, month, day, hour, minute, second, ms } = time
  if (hour > 23 || minute > 59 || second > 59) return null
  const value = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(value)
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists ? value + ms : null
}

function toInstant(local: number, options: { zone: TimeZone; text: string }): ParsedTime {
  const instant = options.zone.toUtc(local)
  if (typeof instant === 'number') return instant
  const why = instant === 'ambiguous' ? 'twice (clocks went back)' : 'never (clocks went forward)'
  return {
    kind: 'bad_local_time',
    message: `the local time ${options.text.slice(0, 64)} was shown ${why} in ${options.zone.name}`,
  }
}
