/** A proposal as decisions, one a leg: its fields are made by user code and read once. */
import { MAX_LEGS } from '../../src/backtest/decision-fields.ts'
import { isAgainst, isAtOnce, NO_EXIT_AT_ONCE } from '../../src/proposals/trade-proposal-builder.ts'
import { canonicalMeta } from './meta.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'

type Bad = (problem: string) => never

const META = ['symbol', 'direction', 'size', 'entryPrice', 'entryTime', 'tpPrice', 'slPrice', 'tpPct', 'slPct'].concat(
  'crossingPolicy',
  'exitResolver',
)
const LEG = ['quantity', 'side', 'price', 'type', 'timeInForce', 'expiresAfterBars', 'when', 'comment']
const CARRIED = ['entryTime', 'tpPrice', 'slPrice', 'tpPct', 'slPct', 'crossingPolicy'] as const
const FUNCTION_NAME = /^[A-Za-z_$][\w$]{0,63}$/
/** Characters of a function with its arguments. */
const MAX_FUNCTION = 1024
/** Smaller numbers are bars, larger ones ms UTC. */
const FIRST_TIME = 1e9
/** Relative difference by which the legs may miss the size of their proposal. */
const ROUNDING = 1e-9

/** What `decide` could have answered for one leg, and what only a leg has; absent numbers are NaN. */
export interface LegDecision {
  readonly decision: Readonly<Record<string, unknown>>
  /** From 1; NaN: the proposal has one leg. */
  readonly leg: number
  readonly liveTime: number
  readonly liveBar: number
  /** Canonical JSON of functions of the strategy; absent: none. */
  readonly priceFn: string | undefined
  readonly whenFn: string | undefined
  readonly exitResolver: string | undefined
}

/** The legs in their order, checked by the reader of decisions. `legs` has been read. */
export function decisionsOfProposal(proposal: object, legs: unknown, bad: Bad): LegDecision[] {
  if (!Array.isArray(legs)) bad(`legs is ${describeValue(legs)}, expected a list`)
  const length: unknown = legs.length
  if (!Number.isSafeInteger(length) || (length as number) < 1) bad('legs is empty, expected 1 or more')
  if ((length as number) > MAX_LEGS) {
    fail('too_many_orders', `A proposal has ${String(length)} legs, at most ${MAX_LEGS} are allowed`)
  }
  const { meta: rawMeta } = proposal as { meta?: unknown }
  const meta = readFields('meta', rawMeta, META, bad)
  const count = length as number
  const exitResolver = readFunction('meta.exitResolver', meta['exitResolver'], bad)
  if (exitResolver === undefined && meta['exitResolver'] !== undefined) {
    bad(`meta.exitResolver is ${describeValue(meta['exitResolver'])}, expected { fn, args }`)
  }
  const list: LegDecision[] = []
  let sum = 0
  for (let i = 0; i < count; i++) {
    const one = readLeg(`legs[${i}]`, readFields(`legs[${i}]`, legs[i], LEG, bad), meta, bad)
    const isEntry = one.decision['signal'] === meta['direction']
    if (i === 0 && !isEntry) bad(`legs[0].side is ${describeValue(one.decision['signal'])}, expected an entry first`)
    if (isEntry) sum += Number(one.decision['size'])
    const resolver = isEntry ? exitResolver : undefined
    list.push({ ...one, exitResolver: resolver, leg: count === 1 ? Number.NaN : i + 1 })
  }
  const size = Number(meta['size'])
  const isOff = count === 1 ? sum !== size : !(Math.abs(sum - size) <= ROUNDING * size)
  if (isOff) bad(`legs have ${sum} together, expected the size of the proposal, ${describeValue(meta['size'])}`)
  return list
}

function readLeg(
  where: string,
  leg: Readonly<Record<string, unknown>>,
  meta: Readonly<Record<string, unknown>>,
  bad: Bad,
): Omit<LegDecision, 'leg' | 'exitResolver'> {
  const { direction } = meta
  const { quantity, side, price, type, timeInForce, expiresAfterBars, when, comment } = leg
  const isExit = isAgainst(side, direction)
  if (!isExit && side !== direction) bad(`${where}.side is ${describeValue(side)}, expected 'BUY' or 'SELL'`)
  if (isExit && isAtOnce(timeInForce)) fail('bad_decision', NO_EXIT_AT_ONCE)
  const priceFn = readFunction(`${where}.price`, price, bad)
  const whenFn = readFunction(`${where}.when`, when, bad)
  if (typeof quantity !== 'number') bad(`${where}.quantity is ${describeValue(quantity)}, expected a number`)
  const decision: Record<string, unknown> = {
    signal: side,
    symbol: meta['symbol'],
    intent: isExit ? 'close' : 'open',
    size: quantity,
    entryPrice: priceFn === undefined ? price : undefined,
    entryType: type,
    timeInForce,
    expiresAfterBars,
  }
  if (!isExit) for (const name of CARRIED) decision[name] = meta[name]
  for (const name of Object.keys(decision)) if (decision[name] === undefined) delete decision[name]
  if (comment !== undefined) decision['meta'] = { comment }
  return { decision, priceFn, whenFn, ...readWhen(where, whenFn === undefined ? when : undefined, bad) }
}

/** {fn, args} as canonical JSON; undefined: it is something else. */
function readFunction(where: string, raw: unknown, bad: Bad): string | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const { fn, args } = readFields(where, raw, ['fn', 'args'], bad)
  if (typeof fn !== 'string' || !FUNCTION_NAME.test(fn)) bad(`${where}.fn is ${describeValue(fn)}, expected a name`)
  const text = canonicalMeta(args ?? {}, (problem) => bad(`${where}.args: ${problem}`))
  const json = `{"args":${text},"fn":${JSON.stringify(fn)}}`
  if (json.length > MAX_FUNCTION)
    bad(`${where} is ${json.length} characters of JSON, at most ${MAX_FUNCTION} are allowed`)
  return json
}

function readWhen(where: string, when: unknown, bad: Bad): { liveTime: number; liveBar: number } {
  if (when === undefined || when === 0) return { liveTime: Number.NaN, liveBar: Number.NaN }
  if (typeof when !== 'number' || !(when > 0) || when - when !== 0) {
    bad(`${where}.when is ${describeValue(when)}, expected a bar or a time in ms`)
  }
  if (when >= FIRST_TIME) return { liveTime: when, liveBar: Number.NaN }
  if (!Number.isInteger(when)) bad(`${where}.when is ${when}, expected a whole number of a bar`)
  return { liveTime: Number.NaN, liveBar: when }
}

function readFields(where: string, raw: unknown, names: readonly string[], bad: Bad): Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    bad(`${where} is ${describeValue(raw)}, expected an object`)
  }
  const fields: Record<string, unknown> = { __proto__: null }
  for (const key in raw) {
    if (!names.includes(key)) fail('bad_decision', `not supported yet: ${describeValue(key)} of a proposal's ${where}`)
    fields[key] = (raw as Record<string, unknown>)[key]
  }
  return fields
}
