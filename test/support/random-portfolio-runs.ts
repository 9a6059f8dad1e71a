import { createRandom, type Random } from './random.ts'
import { randomPerpRun } from './random-perp-runs.ts'
import { randomRun, type RandomRun } from './random-runs.ts'
import type { ReferenceDecision } from './reference-engine-decision.ts'
import type { ReferenceInput } from './reference-engine-types.ts'

/** A random run of a portfolio strategy: what onBar does, instant by instant, without a look at the account. */
export function randomPortfolioRun(seed: number, market: 'spot' | 'perpetual' = 'spot'): RandomRun {
  const run = market === 'spot' ? randomRun(seed) : randomPerpRun(seed)
  const random = createRandom(seed ^ 0x1f83d9ab)
  const capacity = random.chance(0.7) ? { builtin: 'unlimited', params: {} } : run.input.config.capacity
  const config = { ...run.input.config, capacity }
  const decisions = randomActions(random, { ...run.input, config }, run.lookback)
  return { ...run, input: { ...run.input, config, decisions } }
}

/** Rows in the order of the calls: row i is order i + 1. */
function randomActions(random: Random, input: ReferenceInput, lookback: number): ReferenceDecision[] {
  const rows: ReferenceDecision[] = []
  const busy = random.pick([0.01, 0.05, 0.2, 0.5])
  for (let k = 1; k < input.opens.length; k++) {
    const ready = readySymbols(input, lookback, k)
    if (!ready.some(({ late }) => late === 0) || !random.chance(busy)) continue
    const count = random.pick([1, 1, 2, 3, 5])
    for (let sequence = 0; sequence < count; sequence++) {
      const place = { unit: 0, sequence, ...random.pick(ready) }
      rows.push(
        withLate(random.chance(0.25) ? randomEnd(random, rows, ready, place) : randomOrder(random, input, place)),
      )
    }
  }
  return rows
}

interface Place {
  unit: number
  sequence: number
  symbol: number
  bar: number
  late: number
}

function withLate({ late, ...row }: ReferenceDecision): ReferenceDecision {
  return late === 0 || late === undefined ? row : { ...row, late }
}

/** Symbols that are ready at tau(k), their last bar, and how many slots ago it closed. */
function readySymbols(input: ReferenceInput, lookback: number, k: number): Omit<Place, 'unit' | 'sequence'>[] {
  return input.bars.flatMap((bars, symbol) => {
    const bar = bars.findLastIndex(({ time }) => time < input.opens[k]!)
    if (bar < lookback) return []
    const slot = input.opens.indexOf(bars[bar]!.time)
    return slot < 0 ? [] : [{ symbol, bar, late: k - 1 - slot }]
  })
}

/** A cancel of something placed before, or a close. */
function randomEnd(
  random: Random,
  rows: readonly ReferenceDecision[],
  ready: readonly Omit<Place, 'unit' | 'sequence'>[],
  place: Place,
): ReferenceDecision {
  const orders = rows.flatMap(({ action, symbol }, row) => {
    const known = ready.find((one) => one.symbol === symbol)
    return action === 'cancel' || known === undefined ? [] : [{ target: row + 1, ...known }]
  })
  if (orders.length > 0 && random.chance(0.6)) {
    const chosen = random.chance(0.2) ? random.pick(orders) : random.pick(orders.slice(-4))
    return { ...place, ...chosen, signal: 'BUY', action: 'cancel' }
  }
  const close: ReferenceDecision = { ...place, signal: 'SELL', action: 'close' }
  return random.chance(0.5) ? close : { ...close, target: random.int(1, 1 + Math.floor(rows.length / 3)) }
}

function randomOrder(random: Random, input: ReferenceInput, place: Place): ReferenceDecision {
  const { close } = input.bars[place.symbol]![place.bar]!
  const size = random.pick([0.0000001, 0.1, 0.3, 1, 1, 2, 2.7, 5, 50])
  const signal = random.chance(0.65) ? 'BUY' : 'SELL'
  const order: ReferenceDecision = { ...place, signal, action: 'order', size, entryType: 'market' }
  if (random.chance(0.1)) return { ...order, reduceOnly: 'yes', ...randomTrailingExit(random, signal, close) }
  const isPerpetual = input.config.perpetual !== undefined
  if (signal === 'SELL' && !isPerpetual && random.chance(0.4)) return order
  if (isPerpetual && random.chance(0.3)) return order
  const rise = signal === 'BUY' ? 1 : -1
  const unit = Number.isInteger(close) ? 1 : close / 12
  if (random.chance(0.5)) {
    order.entryType = random.pick(['limit', 'limit', 'stop', 'stop_limit'])
    const away = random.pick([0, 1, 1, 2, 3]) * unit * rise * (order.entryType === 'limit' ? -1 : 1)
    order.entryPrice = Math.max(unit, close + (random.chance(0.1) ? -away : away))
    if (order.entryType === 'stop_limit')
      order.limitPrice = order.entryPrice * random.pick([0.95, 0.99, 1, 1, 1.01, 1.05])
  }
  return {
    ...order,
    ...randomBracket(random, { reference: order.entryPrice ?? close, unit, rise }),
    ...randomLife(random),
  }
}

/** A stop that trails, now and then. */
function randomTrailingExit(random: Random, signal: 'BUY' | 'SELL', close: number): Partial<ReferenceDecision> {
  if (random.chance(0.4)) return {}
  const unit = Number.isInteger(close) ? 1 : close / 12
  const away = random.pick([0.5, 1, 2, 3]) * unit
  const entryPrice = Math.max(unit / 4, signal === 'SELL' ? close - away : close + away)
  const trail = random.chance(0.5) ? { trailPct: random.pick([1, 5, 10, 20]) } : { trailDistance: away }
  return { entryType: 'stop', entryPrice, ...trail, ...(random.chance(0.5) ? randomLife(random) : {}) }
}

function randomBracket(
  random: Random,
  { reference, unit, rise }: { reference: number; unit: number; rise: number },
): Partial<ReferenceDecision> {
  const bracket: Partial<ReferenceDecision> = {}
  const away = (): number => random.pick([0.5, 1, 1, 2, 3]) * unit
  const at = (distance: number): number => Math.max(unit / 4, reference + rise * distance)
  if (random.chance(0.2)) bracket.tpPct = random.pick([0.5, 5, 20])
  else if (random.chance(0.3)) bracket.tpPrice = at(random.chance(0.04) ? 0 : away())
  if (random.chance(0.2)) bracket.slPct = random.pick([0.5, 5, 20, 100])
  else if (random.chance(0.3)) bracket.slPrice = at(random.chance(0.04) ? 0 : -away())
  if (random.chance(0.1)) bracket.trailPct = random.pick([1, 5, 20])
  else if (random.chance(0.12)) bracket.trailDistance = away()
  return bracket
}

function randomLife(random: Random): Partial<ReferenceDecision> {
  if (!random.chance(0.35)) return {}
  const timeInForce = random.pick(['gtc', 'gtd', 'gtd', 'day', 'ioc', 'fok'] as const)
  return timeInForce === 'gtd' ? { timeInForce, expiresAfterBars: random.pick([1, 2, 3, 7]) } : { timeInForce }
}
