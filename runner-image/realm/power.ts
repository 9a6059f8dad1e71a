import { pow } from '../../src/math/pow.ts'

/** What `a ** b` of user code becomes: our kernel for numbers, V8's own for BigInt (exact by definition). */
export function power(base: unknown, exponent: unknown): unknown {
  if (typeof base === 'number' && typeof exponent === 'number') return pow(base, exponent)
  const x = toNumeric(base)
  const y = toNumeric(exponent)
  return typeof x === 'number' && typeof y === 'number' ? pow(x, y) : (x as number) ** (y as number)
}

interface Place {
  readonly target: Record<PropertyKey, unknown>
  readonly key: PropertyKey
  readonly old: unknown
}

/** The target of `target[key] **= …`, read before the right side is evaluated. */
export function powerRef(target: Record<PropertyKey, unknown>, key: PropertyKey): Place {
  return { target, key, old: target[key] }
}

export function powerSet(place: Place, exponent: unknown): unknown {
  const value = power(place.old, exponent)
  place.target[place.key] = value
  return value
}

/** ToNumeric of the language: the value of `v++`. */
function toNumeric(value: unknown): unknown {
  let v = value as number
  return v++
}
