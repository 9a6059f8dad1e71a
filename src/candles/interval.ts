/** Bar intervals, with their length in milliseconds. Calendar months have no fixed length (T4). */
export const INTERVALS = [
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '1w',
  '1M',
] as const

export type Interval = (typeof INTERVALS)[number]

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

const FIXED_MS: ReadonlyMap<Interval, number> = new Map<Interval, number>([
  ['1m', MINUTE],
  ['3m', 3 * MINUTE],
  ['5m', 5 * MINUTE],
  ['15m', 15 * MINUTE],
  ['30m', 30 * MINUTE],
  ['1h', HOUR],
  ['2h', 2 * HOUR],
  ['4h', 4 * HOUR],
  ['6h', 6 * HOUR],
  ['8h', 8 * HOUR],
  ['12h', 12 * HOUR],
  ['1d', DAY],
  ['1w', 7 * DAY],
])

/** 1970-01-05 was a Monday: weeks start there (T4). */
const FIRST_MONDAY = 4 * DAY

/** Days since 1970-01-01 of the first day of a month; `month` counts months since January 1970. */
function monthStartDays(month: number): number {
  const year = 1970 + Math.floor(month / 12)
  const m = month - 12 * Math.floor(month / 12) + 1
  return daysFromCivil(year, m, 1)
}

/** Days since 1970-01-01 of a proleptic Gregorian date. Source: H. Hinnant, "chrono-compatible low-level date algorithms". */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** Months since January 1970 that contain the instant `time` (ms UTC). Same source. */
function monthOf(time: number): number {
  const z = Math.floor(time / DAY) + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const month = mp < 10 ? mp + 3 : mp - 9
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0)
  return (year - 1970) * 12 + month - 1
}

/** Length of a bar in ms, or null for calendar months. */
export function intervalMs(interval: Interval): number | null {
  return FIXED_MS.get(interval) ?? null
}

/** Number of the bar that contains `time`: bars of an interval are numbered without gaps on the 24/7 calendar. */
export function slotOf(interval: Interval, time: number): number {
  const ms = FIXED_MS.get(interval)
  if (ms === undefined) return monthOf(time)
  return interval === '1w' ? Math.floor((time - FIRST_MONDAY) / ms) : Math.floor(time / ms)
}

/** Open time (ms UTC) of bar number `slot`. */
export function slotOpen(interval: Interval, slot: number): number {
  const ms = FIXED_MS.get(interval)
  if (ms === undefined) return monthStartDays(slot) * DAY
  return interval === '1w' ? slot * ms + FIRST_MONDAY : slot * ms
}

/** Whether `time` is the open of a bar of this interval (D: off-grid times are refused). */
export function isOnGrid(interval: Interval, time: number): boolean {
  return slotOpen(interval, slotOf(interval, time)) === time
}
