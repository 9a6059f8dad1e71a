/**
 * Faults that the engine finds in what user code answers. They are ordinary Errors whose reason is remembered beside them, so
 * that user code that catches one sees nothing but an Error.
 */
export type FailureReason =
  | 'threw'
  | 'bad_decision'
  | 'bad_answer'
  | 'too_many_orders'
  | 'policy_out_of_bounds'
  | 'memory'

const reasons = new WeakMap<object, FailureReason>()

export function fail(reason: FailureReason, message: string): never {
  throw makeFailure(reason, message)
}

export function makeFailure(reason: FailureReason, message: string): Error {
  const error = new Error(message)
  reasons.set(error, reason)
  return error
}

/** Why the engine made this error; undefined: it did not. */
export function reasonOf(error: object): FailureReason | undefined {
  return reasons.get(error)
}

/** A short description of a value for messages; never calls code of the value. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return 'a bigint'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
