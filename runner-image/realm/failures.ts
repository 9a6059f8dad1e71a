/** What the realm says of a value that user code threw. */
import { describeValue, type FailureReason, reasonOf } from '../../src/strategies/failures.ts'

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
/** Whether a value is a real Error, not a look-alike. */
export { isError }

/** Reads a thrown value, which user code may have made, once and without trust. */
export function describeThrown(thrown: unknown, method: string, time: number): Failure {
  try {
    if (isError(thrown)) {
      const reason = reasonOf(thrown)
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

function cut(text: string): string {
  return text.length > 8192 ? `${text.slice(0, 8192)}… (${text.length - 8192} more characters)` : text
}
