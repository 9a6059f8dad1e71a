import { daysFromCivil } from '../candles/interval.ts'

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2}))$/
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/**
 * Milliseconds UTC of an ISO 8601 instant with offset (`2024-01-01T00:00:00Z`, seconds and milliseconds optional).
 * Null when the text is anything else: a time without offset has no meaning here.
 */
export function parseIsoTime(text: string): number | null {
  const match = ISO.exec(text)
  if (match === null) return null
  const part = (index: number): number => Number(match[index] ?? '0')
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)]
  if (month < 1 || month > 12 || day < 1 || day > DAYS_IN_MONTH[month - 1]!) return null
  if (hour > 23 || minute > 59 || second > 59) return null
  const days = daysFromCivil(year, month, day)
  // 30 February of a common year becomes March: refused by asking which day comes next
  if (month === 2 && day === 29 && daysFromCivil(year, 3, 1) - daysFromCivil(year, 2, 28) === 1) return null
  const ms = Number((match[7] ?? '').padEnd(3, '0'))
  const zone = match[8]!
  let offset = 0
  if (zone !== 'Z') {
    const sign = zone.startsWith('-') ? -1 : 1
    const [h, m] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))]
    if (h > 14 || m > 59) return null
    offset = sign * (h * 60 + m)
  }
  return days * 86_400_000 + (hour * 60 + minute - offset) * 60_000 + second * 1000 + ms
}
