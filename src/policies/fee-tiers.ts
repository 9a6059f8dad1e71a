/** A tier of fee rates; it begins where `from` of notional has been traded. */
export interface FeeTier {
  readonly from: number
  readonly maker: number
  readonly taker: number
}

const NUMBER = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/
const MAX_TIERS = 32
const RATES = { minimum: -0.001, maximum: 0.05 }

function readTier(text: string): FeeTier | string {
  const parts = text.split(':').map((part) => part.trim())
  if (parts.length !== 3 || !parts.every((part) => NUMBER.test(part))) {
    return `"${text.trim().slice(0, 64)}", expected from:maker:taker`
  }
  const [from, maker, taker] = parts.map(Number) as [number, number, number]
  for (const rate of [maker, taker]) {
    if (rate < RATES.minimum || rate > RATES.maximum) {
      return `rate ${rate}, expected from ${RATES.minimum} up to ${RATES.maximum}`
    }
  }
  return { from, maker, taker }
}

/**
 * Reads "from:maker:taker, …": tiers from 0 on, each above the one before, whose rates never rise. A rising rate could
 * make the fee of a fill larger than what its order has reserved.
 * @returns the tiers, or what is wrong with the text
 */
export function readFeeTiers(text: string): FeeTier[] | string {
  const parts = text.split(',')
  if (parts.length > MAX_TIERS) return `${parts.length} tiers, expected at most ${MAX_TIERS}`
  const tiers: FeeTier[] = []
  for (const part of parts) {
    const tier = readTier(part)
    if (typeof tier === 'string') return tier
    const before = tiers.at(-1)
    if (before === undefined && tier.from !== 0) return `first tier from ${tier.from}, expected 0`
    if (before !== undefined && tier.from <= before.from) {
      return `tier from ${tier.from} after ${before.from}, expected ascending amounts`
    }
    if (before !== undefined && (tier.maker > before.maker || tier.taker > before.taker)) {
      return `rates that rise at ${tier.from}, expected none above the tier before`
    }
    tiers.push(tier)
  }
  return tiers
}
