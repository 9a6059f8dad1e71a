/**
 * Parameter tables of strategies (SHAPES 2, `static params`): flat, under our own schema. A table written by a user is
 * data like any other: it is read and checked here and never compiled.
 */
import type { FieldError } from '../errors.ts'
import type { FlatJson, FlatValue } from '../protocol/run-config.ts'

export const PARAM_TYPES = ['integer', 'number', 'string', 'boolean'] as const
export type ParamType = (typeof PARAM_TYPES)[number]

export interface ParamSpec {
  readonly type: ParamType
  readonly default: string | number | boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly enum?: readonly (string | number)[]
  readonly description?: string
}

/** Name -> spec, in the order of the table. */
export type ParamTable = ReadonlyMap<string, ParamSpec>

const FIELDS = ['type', 'default', 'minimum', 'maximum', 'enum', 'description']
const MAX_PARAMS = 256
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

/** Reads a table out of parsed JSON. Returns the table, or what is wrong with it. */
export function parseParamTable(raw: unknown): { table: ParamTable } | { problem: string } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { problem: 'must be an object' }
  const entries = Object.entries(raw)
  if (entries.length > MAX_PARAMS)
    return { problem: `has ${entries.length} entries, at most ${MAX_PARAMS} are allowed` }
  const table = new Map<string, ParamSpec>()
  for (const [name, spec] of entries) {
    const problem = NAME.test(name) && name !== '__proto__' ? findSpecProblem(spec) : 'is not a valid name'
    if (problem !== null) return { problem: `"${name.slice(0, 128)}" ${problem}` }
    table.set(name, spec as ParamSpec)
  }
  return { table }
}

function findSpecProblem(raw: unknown): string | null {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return 'must be an object'
  const spec = raw as Record<string, unknown>
  for (const field of Object.keys(spec))
    if (!FIELDS.includes(field)) return `has an unknown field "${field.slice(0, 64)}"`
  if (!PARAM_TYPES.includes(spec['type'] as ParamType)) return `has no type of ${PARAM_TYPES.join(', ')}`
  for (const field of ['minimum', 'maximum']) {
    if (spec[field] !== undefined && !Number.isFinite(spec[field])) return `has a ${field} that is not a finite number`
  }
  const { description, enum: choices } = spec
  if (description !== undefined && (typeof description !== 'string' || description.length > 1024)) {
    return 'has a description that is not a string of at most 1024 characters'
  }
  if (choices !== undefined) {
    if (!Array.isArray(choices) || choices.length === 0 || choices.length > 256 || !choices.every(isChoice)) {
      return 'has an enum that is not a list of 1 to 256 strings or numbers'
    }
  }
  const problem = findValueProblem(spec as unknown as ParamSpec, spec['default'])
  return problem === null ? null : `has a default that ${problem}`
}

function isChoice(value: unknown): boolean {
  return typeof value === 'string' || Number.isFinite(value)
}

/** What keeps `value` from being a value of this parameter, or null. */
export function findValueProblem(spec: ParamSpec, value: unknown): string | null {
  const { type } = spec
  if (type === 'integer' && !Number.isSafeInteger(value)) return 'must be an integer'
  if (type === 'number' && !Number.isFinite(value)) return 'must be a finite number'
  if ((type === 'string' || type === 'boolean') && typeof value !== type) return `must be a ${type}`
  if (typeof value === 'string' && value.length > 4096) return 'must be at most 4096 characters long'
  if (typeof value === 'number') {
    if (spec.minimum !== undefined && value < spec.minimum) return `must be at least ${spec.minimum}`
    if (spec.maximum !== undefined && value > spec.maximum) return `must be at most ${spec.maximum}`
  }
  if (spec.enum !== undefined && !spec.enum.includes(value as string | number)) {
    return `must be one of ${spec.enum.join(', ')}`
  }
  return null
}

/** Given values checked against a table, with its defaults, in the order of the table; and every fault with its pointer. */
export function resolveParams(table: ParamTable, given: FlatJson): { params: FlatJson; errors: FieldError[] } {
  const errors: FieldError[] = []
  for (const name of Object.keys(given)) {
    if (!table.has(name)) {
      const known = [...table.keys()].join(', ')
      errors.push({
        pointer: pointerOf(name),
        message: `is not a parameter of the strategy, which has ${known === '' ? 'none' : known}`,
      })
    }
  }
  const params: [string, FlatValue][] = []
  for (const [name, spec] of table) {
    const value = Object.hasOwn(given, name) ? given[name]! : spec.default
    const problem = findValueProblem(spec, value)
    if (problem === null) params.push([name, value])
    else errors.push({ pointer: pointerOf(name), message: problem })
  }
  return { params: Object.fromEntries(params), errors }
}

function pointerOf(name: string): string {
  return `/strategy/params/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
