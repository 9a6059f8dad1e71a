import type { Random } from './random.ts'
import type { ReferenceBar, ReferenceConfig } from './reference-engine-types.ts'

type Spec = ReferenceConfig['fee']

const FEES: readonly Spec[] = [
  { builtin: 'zero', params: {} },
  { builtin: 'perUnit', params: { amount: 0.01, minimum: 0 } },
  { builtin: 'perUnit', params: { amount: 0.3, minimum: 1 } },
  { builtin: 'tiered', params: { tiers: '0:0.002:0.004,500:0.001:0.003,5000:-0.0005:0.001' } },
  { builtin: 'tiered', params: { tiers: '0:0.01:0.001, 40:0.01:0.001, 100.5:0:0' } },
]

const SLIPPAGES: readonly Spec[] = [
  { builtin: 'halfSpread', params: { spread: 0.5 } },
  { builtin: 'halfSpread', params: { spread: 3 } },
]

const VOLUME_SLIPPAGES: readonly Spec[] = [
  { builtin: 'volume', params: { k: 0.1, maxPercent: 10 } },
  { builtin: 'volume', params: { k: 40, maxPercent: 5 } },
]

const SIZINGS: readonly Spec[] = [
  { builtin: 'riskPerTrade', params: { percent: 1 } },
  { builtin: 'riskPerTrade', params: { percent: 20 } },
  { builtin: 'volatilityTarget', params: { percent: 1.5, period: 5 } },
  { builtin: 'volatilityTarget', params: { percent: 0.3, period: 2 } },
  { builtin: 'kelly', params: { fraction: 0.5, window: 3, startPercent: 20 } },
  { builtin: 'kelly', params: { fraction: 1, window: 8, startPercent: 5 } },
  { builtin: 'strength', params: { percent: 40 } },
]

const CAPACITIES: readonly Spec[] = [
  { builtin: 'unlimited', params: {} },
  { builtin: 'maxPerSymbol', params: { max: 1 } },
  { builtin: 'maxPerSymbol', params: { max: 3 } },
  { builtin: 'maxLegs', params: { max: 2 } },
  { builtin: 'maxLegs', params: { max: 7 } },
  { builtin: 'grossExposure', params: { percent: 20 } },
  { builtin: 'grossExposure', params: { percent: 100 } },
]

const RISKS: readonly Spec[] = [
  { builtin: 'maxLossToStop', params: { percent: 0.5 } },
  { builtin: 'maxLossToStop', params: { percent: 10 } },
  { builtin: 'grossExposure', params: { percent: 15 } },
  { builtin: 'grossExposure', params: { percent: 90 } },
  { builtin: 'dailyLoss', params: { percent: 0.5 } },
  { builtin: 'dailyLoss', params: { percent: 4 } },
]

/** Other policies than the defaults' families for about half of the runs; a port that is not named keeps its own. */
export function randomPolicies(random: Random, bars: readonly ReferenceBar[][]): Partial<ReferenceConfig> {
  const policies: { -readonly [K in keyof ReferenceConfig]?: ReferenceConfig[K] } = {}
  const hasVolume = bars.every((rows) => rows.some((bar) => bar.volume > 0))
  if (random.chance(0.5)) policies.fee = random.pick(FEES)
  if (random.chance(0.5)) policies.slippage = random.pick(hasVolume ? [...SLIPPAGES, ...VOLUME_SLIPPAGES] : SLIPPAGES)
  if (random.chance(0.5)) policies.capacity = random.pick(CAPACITIES)
  if (random.chance(0.3)) policies.risk = random.pick(RISKS)
  if (random.chance(0.5)) policies.sizing = random.pick(SIZINGS)
  if (random.chance(0.6)) policies.fill = random.pick(['best', 'path_color', 'path_near', 'random'])
  policies.seed = random.pick(['0', 'é/42', 'another seed'])
  return policies
}
