import type { Random } from './random.ts'
import type { ReferenceBar } from './reference-engine-types.ts'

export const RANDOM_INTERVALS = ['1m', '1h', '4h', '1d', '1w', '1M'] as const
export type RandomInterval = (typeof RANDOM_INTERVALS)[number]

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const LENGTH_MS = { '1m': MINUTE, '1h': 60 * MINUTE, '4h': 240 * MINUTE, '1d': DAY, '1w': 7 * DAY }

/** Opens of slots `from` .. `to` around 2024 (slot 0); weeks start on a Monday, months are calendar months. */
export function gridOpens(interval: RandomInterval, from: number, to: number): number[] {
  const opens: number[] = []
  for (let slot = from; slot <= to; slot++) {
    if (interval === '1M') opens.push(Date.UTC(2024, slot, 1))
    else opens.push(Date.UTC(2024, 0, 1) + slot * LENGTH_MS[interval])
  }
  return opens
}

/**
 * Bars of one symbol on the given opens: a random walk, half of the time over small whole numbers so that opens, lows
 * and levels fall together; with gaps, bars without volume, series without any volume, late starts and early ends.
 */
export function randomBars(random: Random, opens: readonly number[]): ReferenceBar[] {
  const whole = random.chance(0.6)
  const unit = whole ? 1 : random.pick([0.37, 1.3, 0.011])
  const wild = random.pick([1, 2, 4])
  const gapShare = random.pick([0, 0, 0.05, 0.2])
  const deadShare = random.pick([0, 0, 0.05, 0.2])
  const noVolume = random.chance(0.15)
  const first = random.chance(0.2) ? random.int(0, opens.length - 2) : 0
  const last = random.chance(0.25) ? random.int(first, opens.length - 1) : opens.length - 1
  const bars: ReferenceBar[] = []
  let price = random.int(6, 25) * unit
  let gap = 0
  const move = (size: number): number => (whole ? random.int(-size, size) : (random.next() * 2 - 1) * size * unit)
  const grow = (size: number): number => (whole ? random.int(0, size) : random.next() * size * unit)
  for (let slot = first; slot <= last; slot++) {
    if (gap > 0) gap--
    else if (random.chance(gapShare)) gap = random.pick([1, 1, 2, 5, 14])
    const open = Math.max(2 * unit, random.chance(0.25) ? price + move(2 * wild) : price)
    const close = Math.max(2 * unit, Math.min(60 * unit, open + move(wild)))
    const high = Math.max(open, close) + (random.chance(0.3) ? 0 : grow(wild))
    const low = Math.max(unit, Math.min(open, close) - (random.chance(0.3) ? 0 : grow(wild)))
    price = close
    if (gap > 0 && slot !== last) continue
    const dying = last < opens.length - 1 && slot > last - 3 && random.chance(0.4)
    const volume = noVolume || dying || random.chance(deadShare) ? 0 : random.int(1, 1000)
    bars.push({ time: opens[slot]!, open, high, low, close, volume })
  }
  return bars
}
