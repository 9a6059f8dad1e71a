import type { SourceLocation } from '../src/protocol/outcome.ts'
import { claim, type ClaimedEnd } from './claims.ts'
import type { PreparedModule } from './linking/prepare-files.ts'
import type { Failure } from './realm/failures.ts'

/** A failure of user code as the outcome of the run. */
export function claimOf(failure: Failure, modules: readonly PreparedModule[]): ClaimedEnd {
  const { reason, message, time, method } = failure
  // An order of onBar is wrong where it was placed
  const thrown = reason === 'threw' || method === 'onBar' ? locate(failure.stack, modules) : null
  const decide = method === 'decide' ? (modules.find((one) => one.decide !== null)?.decide ?? null) : null
  const place = thrown ?? (reason === 'threw' ? null : decide)
  const at = place === null ? '' : ` at ${place.file}:${place.line}:${place.column}`
  return claim({
    kind: reason === 'memory' ? 'limit_exceeded' : 'strategy_error',
    reason,
    message: reason === 'threw' ? `The strategy threw${at}: ${message}` : message,
    location: place,
    lastBarTime: Number.isFinite(time) && time > 0 ? time : null,
  })
}

/** Top frame of a stack that lies in a submitted file. */
export function locate(stack: string, modules: readonly PreparedModule[]): SourceLocation | null {
  for (const line of stack.split('\n')) {
    const match = /^\s+at (?:.*\()?([^()\s]+):(\d+):(\d+)\)?$/.exec(line)
    if (match !== null && modules.some((one) => one.path === match[1])) {
      return { file: match[1]!, line: Number(match[2]), column: Number(match[3]) }
    }
  }
  return null
}
