/** A proposal of one leg as the decision that it is: its fields are made by user code and read once. */
import { MAX_LEGS } from '../../src/proposals/trade-proposal-builder.ts'
import { describeValue, fail } from '../../src/strategies/failures.ts'

type Bad = (problem: string) => never

const META = ['symbol', 'direction', 'size', 'entryPrice', 'entryTime', 'tpPrice', 'slPrice', 'tpPct', 'slPct']
const LEG = ['quantity', 'side', 'price', 'type', 'timeInForce', 'comment']
const CARRIED = ['entryTime', 'tpPrice', 'slPrice', 'tpPct', 'slPct'] as const

/** What `decide` could have answered instead; checked by the reader of decisions. `legs` has been read. */
export function decisionOfProposal(proposal: object, legs: unknown, bad: Bad): Record<string, unknown> {
  if (!Array.isArray(legs)) bad(`legs is ${describeValue(legs)}, expected a list`)
  const length: unknown = legs.length
  if (!Number.isSafeInteger(length) || (length as number) < 1) bad('legs is empty, expected 1 or more')
  if ((length as number) > MAX_LEGS) {
    fail('too_many_orders', `A proposal has ${String(length)} legs, at most ${MAX_LEGS} are allowed`)
  }
  if (length !== 1) fail('bad_decision', 'not supported yet: proposals with several legs')
  const { meta: rawMeta } = proposal as { meta?: unknown }
  const meta = readFields('meta', rawMeta, META, bad)
  const leg = readFields('legs[0]', legs[0], LEG, bad)
  const { direction, size } = meta
  const { quantity, side, price, type, timeInForce, comment } = leg
  if (side !== direction) bad(`legs[0].side is ${describeValue(side)}, expected that of the proposal`)
  if (quantity !== size) bad(`legs[0].quantity is ${describeValue(quantity)}, expected the size of the proposal`)
  const decision: Record<string, unknown> = {
    signal: direction,
    symbol: meta['symbol'],
    intent: 'open',
    size: quantity,
    entryPrice: price,
    entryType: type,
    timeInForce,
  }
  for (const name of CARRIED) decision[name] = meta[name]
  for (const name of Object.keys(decision)) if (decision[name] === undefined) delete decision[name]
  return comment === undefined ? decision : { ...decision, meta: { comment } }
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
