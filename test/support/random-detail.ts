import type { Random } from './random.ts'
import type { ReferenceBar, ReferenceInput } from './reference-engine-types.ts'

/** Cuts the bars of a run into detail candles now and then, some of them missing, some with other extremes than their bar. */
export function addRandomDetail(random: Random, input: ReferenceInput, lengthMs: number, detailMs: number): void {
  if (!random.chance(0.4)) return
  input.detailMs = detailMs
  input.detail = input.bars.map((bars) =>
    random.chance(0.15) ? null : bars.flatMap((bar) => candlesOf(random, bar, lengthMs / detailMs, detailMs)),
  )
  if (random.chance(0.7)) input.config.fill = 'detail'
  for (const row of input.decisions) if (random.chance(0.15)) row.crossingPolicy = 'detail'
}

function candlesOf(random: Random, bar: ReferenceBar, count: number, detailMs: number): ReferenceBar[] {
  const { high, low } = bar
  const within = (): number =>
    random.pick([high, low, bar.open, bar.close, (high + low) / 2, low + (high - low) * random.next()])
  let price = bar.open
  const candles: ReferenceBar[] = []
  for (let i = 0; i < count; i++) {
    const open = random.chance(0.3) ? within() : price
    const close = i === count - 1 && random.chance(0.8) ? bar.close : within()
    const [a, b] = [within(), within()]
    const top = random.chance(0.05) ? high * 1.02 : Math.max(open, close, a, b)
    const bottom = Math.min(open, close, a, b)
    price = close
    if (random.chance(0.01)) continue
    candles.push({ time: bar.time + i * detailMs, open, high: top, low: bottom, close, volume: 1 })
  }
  return candles
}
