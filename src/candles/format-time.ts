const DAY = 86_400_000

/** Year, month and day of a number of days since 1970-01-01. Source: H. Hinnant, "chrono-compatible low-level date algorithms". */
export function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const month = mp < 10 ? mp + 3 : mp - 9
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 }
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}

/** An instant (ms UTC) as `2024-01-31T08:00Z`, with seconds and milliseconds only where they are not zero. */
export function formatUtc(time: number): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) return String(time)
  const { year, month, day } = civilFromDays(Math.floor(time / DAY))
  const inDay = time - Math.floor(time / DAY) * DAY
  const seconds = Math.floor(inDay / 1000) % 60
  const ms = Math.floor(inDay) % 1000
  const fraction = ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`
  const tail = seconds === 0 && ms === 0 ? '' : `:${two(seconds)}${fraction}`
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
  return `${date}T${two(inDay / 3_600_000)}:${two((inDay / 60_000) % 60)}${tail}Z`
}
