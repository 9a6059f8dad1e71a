/** Units in which files write epoch times. */
export const TIME_UNITS = ['s', 'ms', 'us'] as const
export type TimeUnit = (typeof TIME_UNITS)[number]

const PER_SECOND = { s: 1, ms: 1000, us: 1_000_000 } as const

/**
 * Unit of an epoch time by its magnitude, for times from 1973-03-03 to the year 5138; null outside (earlier times in
 * milliseconds cannot be told from seconds, and need a stated format).
 */
export function guessTimeUnit(value: number): TimeUnit | null {
  if (!(value >= 1e8)) return null
  if (value < 1e11) return 's'
  if (value < 1e14) return 'ms'
  return value < 1e17 ? 'us' : null
}

/** Epoch time in milliseconds; microseconds below one are kept as a fraction, so that an off-grid time stays one. */
export function toMilliseconds(value: number, unit: TimeUnit): number {
  return (value * 1000) / PER_SECOND[unit]
}
