/**
 * Failures inside the realm. The engine throws ordinary Errors and remembers their reason beside them, so that user code
 * that catches one sees nothing but an Error.
 */
export type FailureReason = 'threw' | 'bad_decision' | 'bad_answer' | 'too_many_orders' | 'memory'

/** What the realm says of the end of user code. */
export interface Failure {
  readonly reason: FailureReason
  readonly message: string
  /** Stack text of a thrown Error, '' if there is none. */
  readonly stack: string
  /** Decision instant, 0 outside decide(). */
  readonly time: number
  /** Method of the strategy that failed. */
  readonly method: string
}

/** ECMAScript 2026; the type library of the compiler does not know it yet. */
const { isError } = Error as unknown as { isError: (value: unknown) => value is Error }
const reasons = new WeakMap<object, FailureReason>()

export function fail(reason: FailureReason, message: string): never {
  throw makeFailure(reason, message)
}

export function makeFailure(reason: FailureReason, message: string): Error {
  const error = new Error(message)
  reasons.set(error, reason)
  return error
}

/** Whether a value is a real Error, not a look-alike. */
export { isError }

/** Reads a thrown value, which user code may have made, once and without trust. */
export function describeThrown(thrown: unknown, method: string, time: number): Failure {
  try {
    if (isError(thrown)) {
      const reason = reasons.get(thrown)
      const stack = String(thrown.stack)
      if (reason !== undefined) return { reason, message: thrown.message, stack, time, method }
      return {
        reason: 'threw',
        message: cut(`${thrown.name}: ${thrown.message}`),
        stack: cut(stack),
        time,
        method,
      }
    }
    return { reason: 'threw', message: cut(`threw ${describeValue(thrown)}`), stack: '', time, method }
  } catch {
    return { reason: 'threw', message: 'threw a value that cannot be read', stack: '', time, method }
  }
}

/** A short description of a value for messages; never calls code of the value. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return 'a bigint'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}

function cut(text: string): string {
  return text.length > 8192 ? `${text.slice(0, 8192)}… (${text.length - 8192} more characters)` : text
}
