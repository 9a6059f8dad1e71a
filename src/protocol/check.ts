import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { FieldError } from '../errors.ts'

/** What the schema library says of one mismatch; the part that is read here. */
interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  readonly message: string
  readonly params: object
}

const MAX_ERRORS = 50

function names(params: object, key: string): readonly string[] {
  const list = (params as Record<string, unknown>)[key]
  return Array.isArray(list) ? list.map(String) : []
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** One error a place: alternatives of a union are joined, unknown and missing fields get their own pointer. */
function toFieldErrors(errors: readonly SchemaError[]): FieldError[] {
  const byPointer = new Map<string, string[]>()
  const add = (pointer: string, message: string): void => {
    const list = byPointer.get(pointer) ?? []
    if (!list.includes(message)) list.push(message)
    byPointer.set(pointer, list)
  }
  for (const error of errors) {
    const { keyword, instancePath, params } = error
    if (keyword === 'boolean' || keyword === 'anyOf') continue
    if (keyword === 'additionalProperties') {
      for (const name of names(params, 'additionalProperties'))
        add(`${instancePath}/${escapePointer(name)}`, 'is not a known field')
    } else if (keyword === 'required') {
      for (const name of names(params, 'requiredProperties'))
        add(`${instancePath}/${escapePointer(name)}`, 'is missing')
    } else if (keyword === 'enum') {
      add(instancePath, `must be one of ${names(params, 'allowedValues').join(', ')}`)
    } else {
      add(instancePath, error.message)
    }
  }
  return [...byPointer]
    .slice(0, MAX_ERRORS)
    .map(([pointer, messages]) => ({ pointer, message: messages.slice(0, 8).join(', or ') }))
}

/** Everything that keeps `value` from matching `schema`, with JSON pointers; empty: it matches. Nothing is coerced. */
export function checkShape(schema: TSchema, value: unknown): FieldError[] {
  if (Value.Check(schema, value)) return []
  const errors = toFieldErrors([...Value.Errors(schema, value)])
  return errors.length > 0 ? errors : [{ pointer: '', message: 'does not match its schema' }]
}

/** The value as the schema's type, or null when it does not match. */
export function matchShape<T extends TSchema>(schema: T, value: unknown): Static<T> | null {
  return Value.Check(schema, value) ? value : null
}
