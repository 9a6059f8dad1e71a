import type { Random } from './random.ts'
import type { ReferenceDecision } from './reference-engine-decision.ts'
import type { ReferenceBar, ReferenceInput } from './reference-engine-types.ts'

/** What the functions of random legs answer: whole steps, so that many answers are the same as the last one. */
export function legAnswer(
  fn: string,
  args: Record<string, number>,
  { bar }: { bar: ReferenceBar },
  lot: object | null,
): number | boolean {
  if (fn === 'above') return bar.close > args['level']!
  const unit = Number.isInteger(bar.close) ? 1 : 1 / 128
  const price = Math.round((bar.close * args['k']!) / unit) * unit
  return Math.max(unit, fn === 'held' && lot !== null ? price + 2 * unit : price)
}

/** Makes proposals of several legs out of some decisions; sequences are counted anew. */
export function addRandomLegs(random: Random, input: ReferenceInput): void {
  if (!random.chance(0.5)) return
  const often = random.pick([0.1, 0.3, 0.8])
  const rows = [...input.decisions].sort((a, b) => a.symbol - b.symbol || a.bar - b.bar || a.sequence - b.sequence)
  const next = new Map<string, number>()
  input.decisions = rows.flatMap((row) => {
    const count = random.chance(often) ? random.pick([2, 2, 3, 4, 7]) : 1
    const place = `${row.symbol}/${row.bar}`
    const first = next.get(place) ?? 0
    next.set(place, first + count)
    return Array.from({ length: count }, (_, i) => ({
      ...(count === 1 ? row : { ...row, ...legOf(random, input, row) }),
      ...(count === 1 ? {} : { leg: i + 1 }),
      sequence: first + i,
    }))
  })
}

function legOf(random: Random, input: ReferenceInput, row: ReferenceDecision): Partial<ReferenceDecision> {
  const bars = input.bars[row.symbol]!
  const { close, time } = bars[row.bar]!
  const unit = Number.isInteger(close) ? 1 : close / 12
  const leg: Partial<ReferenceDecision> = { size: random.pick([0.1, 0.35, 1, 1.7, 2, 5.55, 20]) }
  if (random.chance(0.12)) {
    leg.whenFn = JSON.stringify({ args: { level: close + random.pick([-1, 0, 1]) * unit }, fn: 'above' })
  }
  if (row.entryPrice === undefined && random.chance(0.25)) {
    leg.priceFn = JSON.stringify({ args: { k: random.pick([0.8, 0.95, 1, 1.1]) }, fn: random.pick(['near', 'held']) })
    if (random.chance(0.3)) Object.assign(leg, { timeInForce: 'gtd', expiresAfterBars: random.pick([1, 2, 3]) })
  } else if (row.entryType === undefined && random.chance(0.7)) {
    leg.entryPrice = Math.max(unit, close + random.pick([-1, -1, 1]) * random.pick([0, 1, 1, 2, 3]) * unit)
  }
  const later = random.pick(['bar', 'time', ...Array<string>(8).fill('none')])
  if (later === 'bar') leg.liveBar = row.bar + random.pick([1, 2, 3, 9])
  if (later === 'time') leg.liveTime = time + random.pick([0, 1, 2.5, 4]) * (input.opens[1]! - input.opens[0]!)
  return leg
}

/** Turns some legs after the first of their proposal into such that close. */
export function addRandomExitLegs(random: Random, input: ReferenceInput): void {
  if (!random.chance(0.6)) return
  const often = random.pick([0.2, 0.5, 0.9])
  input.decisions = input.decisions.map((row) => {
    if ((row.leg ?? 1) === 1 || !random.chance(often)) return row
    const { tpPrice: _tpPrice, tpPct: _tpPct, slPrice: _slPrice, slPct: _slPct, ...plain } = row
    const { trailDistance: _distance, trailPct: _trailPct, entryTime: _time, ...leg } = plain
    const { limitPrice: _limit, timeInForce, expiresAfterBars, entryType, ...rest } = leg
    return {
      ...rest,
      signal: row.signal === 'BUY' ? 'SELL' : 'BUY',
      ...(entryType === undefined || entryType === 'stop_limit' ? {} : { entryType }),
      ...(timeInForce === undefined || ['ioc', 'fok'].includes(timeInForce) ? {} : { timeInForce }),
      ...(timeInForce === 'gtd' ? { expiresAfterBars: expiresAfterBars! } : {}),
    }
  })
}

/** What the resolver of random runs picks; it sees nothing but the bar. */
export function resolverAnswer(_fn: string, args: Record<string, number>, bar: object): string {
  const { open, close } = bar as ReferenceBar
  return close > open === args['up']! > 0 ? 'O-H-L-C' : 'O-L-H-C'
}

/** Gives some decisions a resolver, most of a run the same. */
export function addRandomResolvers(random: Random, input: ReferenceInput): void {
  if (!random.chance(0.2)) return
  const often = random.pick([0.3, 0.9, 1])
  const texts = [0, 1].map((up) => JSON.stringify({ args: { up }, fn: 'pick' }))
  for (const row of input.decisions) if (random.chance(often)) row.exitResolver = texts[random.chance(0.9) ? 0 : 1]!
}
