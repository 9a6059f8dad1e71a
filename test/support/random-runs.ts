import { DEFAULT_EXECUTION } from '../../src/protocol/profiles.ts'
import { createRandom, type Random } from './random.ts'
import { randomUsers } from './random-users.ts'
import { addRandomDetail } from './random-detail.ts'
import { addRandomExitLegs, addRandomLegs, addRandomResolvers, legAnswer, resolverAnswer } from './random-legs.ts'
import { addRandomExecutors, executorAnswer } from './random-executors.ts'
import { randomPolicies } from './random-policies.ts'
import { gridOpens, randomBars, RANDOM_INTERVALS, type RandomInterval } from './random-bars.ts'
import type { ReferenceDecision } from './reference-engine-decision.ts'
import type { ReferenceBar, ReferenceConfig, ReferenceInput, ReferenceInstrument } from './reference-engine-types.ts'

/** A random run: what the reference reads (`input`), and the little more that the product wants. */
export interface RandomRun {
  seed: number
  interval: RandomInterval
  lookback: number
  input: ReferenceInput
}

const NAMES = ['1INCHUSDT', 'ADAUSDT', 'BTCUSDT', 'aUSDT'] as const

/** A run that depends on nothing but its seed. Decisions are plenty and tight, so that every branch is met often. */
export function randomRun(seed: number): RandomRun {
  const random = createRandom(seed)
  const interval = random.pick(RANDOM_INTERVALS)
  const lookback = random.pick([0, 0, 1, 3])
  // Long quiet runs too: an engine may go over quiet bars in another way.
  const [busy, longest] = random.pick([
    [0.005, 600],
    [0.02, 200],
    [0.1, 70],
    [0.3, 70],
    [0.6, 70],
    [0.3, 200],
  ] as const)
  const slots = random.int(20, longest)
  const count = random.pick([1, 1, 2, 3, 4])
  const opens = gridOpens(interval, 0, slots)
  const loaded = gridOpens(interval, -lookback, slots - 1)
  const bars = Array.from({ length: count }, () => randomBars(random, loaded))
  const instruments = bars.map(() => (random.chance(0.5) ? null : randomInstrument(random)))
  const later = createRandom(seed ^ 0x2545f491)
  const drawn = randomConfig(random, count)
  const trailBasis = later.pick(['extreme', 'extreme', 'close'] as const)
  const hasVolume = bars.every((rows) => rows.some((bar) => bar.volume > 0))
  const participation = hasVolume && later.chance(0.35) ? later.pick([0.0005, 0.002, 0.01, 0.05, 1]) : null
  const execution = { ...drawn.execution, trailBasis, participation, ...randomKnobs(createRandom(seed ^ 0x3c6ef372)) }
  if (createRandom(seed ^ 0x510e527f).chance(0.15)) execution.marketFill = 'same_close'
  const config = { ...drawn, execution, ...randomPolicies(createRandom(seed ^ 0x5bd1e995), bars) }
  const decisions: ReferenceDecision[] = []
  for (let symbol = 0; symbol < count; symbol++) {
    for (let bar = lookback; bar < bars[symbol]!.length; bar++) {
      if (bars[symbol]![bar]!.time < opens[0]! || !random.chance(busy)) continue
      const rows = random.pick([1, 1, 1, 1, 2, 3])
      for (let sequence = 0; sequence < rows; sequence++) {
        const next = { bars: bars[symbol]!, opens, symbol, bar, sequence }
        const row = randomDecision(random, next)
        decisions.push({
          ...row,
          ...randomLife(later),
          ...randomTrail(later, row, next),
          ...randomTrigger(later, row),
          ...randomCrossing(later),
        })
      }
    }
  }
  const input: ReferenceInput = { config, bars, opens, instruments, decisions: shuffled(random, decisions) }
  addRandomLegs(createRandom(seed ^ 0x7feb352d), input)
  addRandomExitLegs(createRandom(seed ^ 0x2c1b3c6d), input)
  const detailMs = DETAIL_MS[interval]
  if (detailMs !== undefined) addRandomDetail(createRandom(seed ^ 0x1b873593), input, opens[1]! - opens[0]!, detailMs)
  let users = randomUsers(createRandom(seed ^ 0x1f83d9ab))
  // Lines are chosen by worst where code of the user prices fills
  if (users?.fill !== undefined) input.config.fill = 'worst'
  addRandomResolvers(createRandom(seed ^ 0x5851f42d), input)
  if (addRandomExecutors(createRandom(seed ^ 0x27220a95), input)) users = { ...users, executor: executorAnswer }
  if (input.decisions.some((row) => row.priceFn ?? row.whenFn ?? row.exitResolver)) {
    const asked = { leg: legAnswer, exitResolver: resolverAnswer }
    return { seed, interval, lookback, input: { ...input, users: { ...users, ...asked } } }
  }
  return { seed, interval, lookback, input: users === undefined ? input : { ...input, users } }
}

/** Lengths that divide the bars of an interval. */
const DETAIL_MS: { readonly [K in RandomInterval]?: number } = {
  '1h': 30 * 60_000,
  '4h': 60 * 60_000,
  '1d': 6 * 60 * 60_000,
  '1w': 24 * 60 * 60_000,
}

/** The order of the rows means nothing. */
function shuffled(random: Random, rows: ReferenceDecision[]): ReferenceDecision[] {
  for (let i = rows.length - 1; i > 0; i--) {
    const j = random.int(0, i)
    const row = rows[i]!
    rows[i] = rows[j]!
    rows[j] = row
  }
  return rows
}

function randomInstrument(random: Random): ReferenceInstrument {
  return {
    tick: random.pick([null, '1', '0.5', '0.1', '0.01', '0.003']),
    step: random.pick([null, '1', '0.1', '0.25', '0.001', '0.00001', '0.0000000000001']),
    minQuantity: random.pick([null, null, '0.5', '1']),
    minNotional: random.pick([null, null, '5', '20']),
  }
}

function randomConfig(random: Random, symbols: number): ReferenceConfig {
  return {
    symbols: NAMES.slice(0, symbols),
    initialCash: random.pick([50, 100, 1000, 10_000, 777.77]),
    fee: {
      builtin: 'percent',
      params: random.pick([
        { maker: 0, taker: 0 },
        { maker: 0.0002, taker: 0.0004 },
        { maker: 0.003, taker: 0.001 },
        { maker: 0.01, taker: 0.01 },
        { maker: -0.0005, taker: 0.001 },
      ]),
    },
    slippage: { builtin: 'bps', params: { bps: random.pick([0, 0, 5, 50, 500]) } },
    sizing: random.pick([
      { builtin: 'percentOfEquity', params: { percent: random.pick([10, 33.3, 50, 100, 250]) } },
      { builtin: 'fixedNotional', params: { notional: random.pick([7, 40, 100, 900]) } },
      { builtin: 'fixedQuantity', params: { quantity: random.pick([0.3, 1, 2.5, 20]) } },
    ]),
    capacity: { builtin: 'maxPositions', params: { max: random.pick([1, 2, 3, 8]) } },
    risk: { builtin: 'none', params: {} },
    fill: 'worst',
    seed: '0',
    endOfData: random.pick(['open', 'close']),
    execution: {
      ...DEFAULT_EXECUTION,
      onSame: random.pick(['ignore', 'add', 'add', 'replace']),
      onShortfall: random.pick(['shrink', 'shrink', 'refuse']),
      retryBars: random.pick([0, 0, 1, 3]),
      maxWaitBars: random.pick([0, 1, 2, 10]),
      limitTouch: random.pick(['strict', 'strict', 'touch', 'penetrate_ticks=1', 'penetrate_ticks=2']),
      clampSlippage: random.chance(0.3),
    },
  }
}

/** Settings that profiles decide, each on its own. */
function randomKnobs(
  random: Random,
): Pick<ReferenceConfig['execution'], 'bracketFrom' | 'restingLimit' | 'quantity' | 'cashCheck'> {
  return {
    bracketFrom: random.pick(['line', 'line', 'next_bar', 'market_entries'] as const),
    restingLimit: random.pick(['limit', 'limit', 'open'] as const),
    quantity: random.pick(['steps', 'steps', 'steps', 'integer'] as const),
    cashCheck: random.pick(['admit', 'admit', 'admit', 'admit', 'submission_and_fill', 'fill'] as const),
  }
}

interface Next {
  bars: ReferenceBar[]
  opens: number[]
  symbol: number
  bar: number
  sequence: number
}

function randomDecision(random: Random, next: Next): ReferenceDecision {
  const { symbol, bar, sequence } = next
  const row: ReferenceDecision = { unit: symbol, bar, symbol, sequence, signal: random.chance(0.7) ? 'BUY' : 'SELL' }
  if (random.chance(0.2)) row.confidence = random.pick([0, 0.25, 0.5, 1])
  if (random.chance(0.2)) row.rank = random.pick([-1, 0, 0.5, 3])
  if (random.chance(0.3)) row.size = random.pick([0.0000001, 0.1, 0.3, 1, 2, 2.7, 5, 50])
  if (random.chance(0.1)) row.intent = random.pick(['auto', 'open', 'close'])
  if (row.signal === 'SELL' && random.chance(0.8)) return row
  const { close } = next.bars[bar]!
  const unit = Number.isInteger(close) ? 1 : close / 12
  const away = (): number => random.pick([0.5, 1, 1, 2, 2, 3]) * unit
  if (random.chance(0.5)) {
    row.entryPrice = Math.max(unit, close + random.pick([-1, -1, 1]) * random.pick([0, 1, 1, 2, 3]) * unit)
    if (random.chance(0.3)) row.entryType = random.pick(['default', 'market', 'limit', 'stop'])
  }
  const reference = row.entryPrice ?? close
  if (random.chance(0.25)) row.tpPct = random.pick([0.5, 5, 10, 20, 50])
  else if (random.chance(0.4)) row.tpPrice = reference + (random.chance(0.04) ? 0 : away())
  if (random.chance(0.25)) row.slPct = random.pick([0.5, 5, 10, 20, 50, 100])
  else if (random.chance(0.4)) row.slPrice = Math.max(unit / 4, reference - (random.chance(0.04) ? 0 : away()))
  if (random.chance(0.06)) row.entryTime = entryTime(random, next)
  return row
}

/** Fields that came later are drawn from a stream of their own, so that older runs stay what they were. */
function randomLife(random: Random): Partial<ReferenceDecision> {
  if (!random.chance(0.35)) return {}
  const timeInForce = random.pick(['gtc', 'gtd', 'gtd', 'day', 'ioc', 'fok'] as const)
  return timeInForce === 'gtd' ? { timeInForce, expiresAfterBars: random.pick([1, 1, 2, 3, 7, 30]) } : { timeInForce }
}

function randomCrossing(random: Random): Partial<ReferenceDecision> {
  if (!random.chance(0.15)) return {}
  return { crossingPolicy: random.pick(['worst', 'best', 'path_color', 'path_near', 'random'] as const) }
}

function randomTrail(random: Random, row: ReferenceDecision, { bars, bar }: Next): Partial<ReferenceDecision> {
  if (row.signal === 'SELL' || !random.chance(0.2)) return {}
  if (random.chance(0.4)) return { trailPct: random.pick([1, 5, 10, 20, 50, 100]) }
  const { close } = bars[bar]!
  return { trailDistance: random.pick([0.5, 1, 1, 2, 3, 40]) * (Number.isInteger(close) ? 1 : close / 12) }
}

/** An entry at a price becomes a stop_limit now and then, its limit a little over or under the stop. */
function randomTrigger(random: Random, row: ReferenceDecision): Partial<ReferenceDecision> {
  const { entryPrice } = row
  if (entryPrice === undefined || !random.chance(0.2)) return {}
  const limitPrice = entryPrice * random.pick([0.9, 0.97, 1, 1, 1.01, 1.05, 1.2])
  return { entryType: 'stop_limit', limitPrice }
}

/** Around the decision instant; now and then in the past. */
function entryTime(random: Random, next: Next): number {
  const slot = next.opens.indexOf(next.bars[next.bar]!.time)
  const instant = next.opens[slot + 1]!
  return instant + random.pick([-1, 0, 1, 1, 2.5, 4]) * (instant - next.opens[slot]!)
}
