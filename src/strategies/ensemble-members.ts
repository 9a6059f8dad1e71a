/** The parameters of the built-in Ensemble: its members and their weights, written as text because parameters are flat. */
import type { FieldError } from '../errors.ts'
import type { FlatJson } from '../protocol/run-config.ts'
import type { ParamSpec } from './param-table.ts'

export interface MemberSpec {
  readonly name: string
  readonly params: FlatJson
  readonly weight: number
}

export const ENSEMBLE_PARAMS: readonly (readonly ['strategies' | 'weights' | 'threshold', ParamSpec])[] = [
  [
    'strategies',
    {
      type: 'string',
      default: 'SmaCrossover, RsiMeanReversion',
      description: 'members, such as SmaCrossover(fast=5, slow=20), Momentum',
    },
  ],
  ['weights', { type: 'string', default: '', description: 'one number for each member; empty: 1 each' }],
  ['threshold', { type: 'number', default: 0, minimum: 0, description: 'least sum of weighted signals, up or down' }],
]

const MAX_MEMBERS = 16
const MEMBER = /\s*([A-Za-z][A-Za-z0-9]{0,63})\s*(?:\(([^()]*)\))?\s*(,|$)/y
const ASSIGNMENT = /^\s*([A-Za-z_][A-Za-z0-9_]{0,127})\s*=\s*(-?[0-9][0-9.eE+-]{0,31})\s*$/

/** Reads the texts; what is wrong with them is said with its pointer. */
export function parseMembers(params: {
  strategies: string
  weights: string
}): { members: MemberSpec[] } | { errors: FieldError[] } {
  const wrong = (name: 'strategies' | 'weights', message: string): { errors: FieldError[] } => ({
    errors: [{ pointer: `/strategy/params/${name}`, message }],
  })
  const { strategies } = params
  const found: { name: string; params: FlatJson }[] = []
  MEMBER.lastIndex = 0
  for (let isLast = false; !isLast;) {
    const at = MEMBER.lastIndex
    const match = MEMBER.exec(strategies)
    if (match === null)
      return wrong('strategies', `cannot be read at character ${at + 1}, expected Name or Name(key=value, …)`)
    const given = parseAssignments(match[2] ?? '')
    if (typeof given === 'string') return wrong('strategies', `has ${given} for ${match[1]!}, expected key=number`)
    found.push({ name: match[1]!, params: given })
    isLast = match[3] === ''
  }
  if (found.length > MAX_MEMBERS)
    return wrong('strategies', `has ${found.length} members, at most ${MAX_MEMBERS} are allowed`)
  const weights = params.weights.trim() === '' ? found.map(() => 1) : params.weights.split(',').map(readNumber)
  if (weights.length !== found.length || weights.some((weight) => weight - weight !== 0)) {
    return wrong('weights', `must be ${found.length} numbers, one for each member`)
  }
  return { members: found.map((member, i) => ({ ...member, weight: weights[i]! })) }
}

/** Parameters, or the part that cannot be read. */
function parseAssignments(text: string): FlatJson | string {
  const entries: [string, number][] = []
  for (const part of text.trim() === '' ? [] : text.split(',')) {
    const match = ASSIGNMENT.exec(part)
    const value = match === null ? Number.NaN : Number(match[2])
    if (match === null || value - value !== 0) return `"${part.trim().slice(0, 64)}"`
    entries.push([match[1]!, value])
  }
  return Object.fromEntries(entries)
}

function readNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
