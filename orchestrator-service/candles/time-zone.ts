import { PlatformError } from '../../src/errors.ts'

/** Local times of a zone as instants. `localMs` is the local clock read as if it were UTC. */
export interface TimeZone {
  readonly name: string
  /** ms UTC, or why there is no single instant: the clock skipped this time, or showed it twice. */
  toUtc(localMs: number): number | 'nonexistent' | 'ambiguous'
}

const DAY = 86_400_000
const QUARTER = 900_000
const OFFSET = /^([+-])(\d{2}):?(\d{2})$/

/** `UTC`, an offset (`+09:00`) or an IANA name (`Europe/Berlin`). @throws PlatformError usage */
export function parseTimeZone(text: string): TimeZone {
  if (/^(utc|z|gmt)$/i.test(text)) return { name: 'UTC', toUtc: (localMs) => localMs }
  const offset = OFFSET.exec(text)
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3])
    const ms = (offset[1] === '-' ? -1 : 1) * minutes * 60_000
    if (minutes <= 14 * 60 && Number(offset[3]) < 60) return { name: text, toUtc: (localMs) => localMs - ms }
  }
  return namedZone(text)
}

function namedZone(text: string): TimeZone {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: text,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw new PlatformError(
      'usage',
      `Cannot use time zone ${JSON.stringify(text.slice(0, 64))}: unknown, expected UTC, an offset such as +09:00 or an IANA name such as Europe/Berlin`,
    )
  }
  const offsetAt = cacheOffsets((utc) => readOffset(format, utc))
  return {
    name: format.resolvedOptions().timeZone,
    toUtc(localMs) {
      const early = offsetAt(localMs - DAY)
      const late = offsetAt(localMs + DAY)
      const first = offsetAt(localMs - early) === early ? localMs - early : null
      if (early === late) return first ?? 'nonexistent'
      const second = offsetAt(localMs - late) === late ? localMs - late : null
      if (first !== null && second !== null) return 'ambiguous'
      return first ?? second ?? 'nonexistent'
    },
  }
}

function readOffset(format: Intl.DateTimeFormat, utc: number): number {
  const parts = new Map(format.formatToParts(utc).map(({ type, value }) => [type, Number(value)]))
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return local - Math.floor(utc / 1000) * 1000
}

/** Offsets change rarely, and at a quarter of an hour: one look a day, and one a quarter on days that see a change. */
function cacheOffsets(read: (utc: number) => number): (utc: number) => number {
  const days = new Map<number, number | null>()
  const quarters = new Map<number, number>()
  const remember = (cache: Map<number, number>, key: number, utc: number): number => {
    const offset = cache.get(key) ?? read(utc)
    cache.set(key, offset)
    return offset
  }
  return (utc) => {
    const day = Math.floor(utc / DAY)
    let whole = days.get(day)
    if (whole === undefined) {
      const start = read(day * DAY)
      whole = start === read((day + 1) * DAY) ? start : null
      days.set(day, whole)
    }
    if (whole !== null) return whole
    const quarter = Math.floor(utc / QUARTER)
    return remember(quarters, quarter, quarter * QUARTER)
  }
}
