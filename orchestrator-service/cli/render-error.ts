import { PlatformError } from '../../src/errors.ts'
import type { Outcome } from '../../src/protocol/outcome.ts'
import { exitCodeOfError } from './exit-codes.ts'
import type { CliIo } from './io.ts'
import { visible } from './visible.ts'

const MAX_LISTED = 10

/** Prints an error as one readable line (and its further faults below), or as one JSON document. Returns the exit code. */
export function reportError(error: unknown, io: CliIo): number {
  if (!(error instanceof PlatformError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    if (io.json)
      io.out(
        JSON.stringify({
          error: { code: 'invariant', message: text, hint: 'This is a bug of Hotcell; please report it', errors: [] },
        }),
      )
    else io.err(`error [invariant]: ${text}\n  hint: this is a bug of Hotcell; please report it`)
    return 6
  }
  if (io.json) {
    io.out(JSON.stringify({ error: error.toJSON() }))
  } else {
    io.err(`error [${error.code}]: ${visible(error.message)}`)
    for (const { pointer, message } of error.errors.slice(0, MAX_LISTED))
      io.err(`  at ${visible(pointer === '' ? '/' : pointer)}: ${visible(message)}`)
    if (error.errors.length > MAX_LISTED) io.err(`  and ${error.errors.length - MAX_LISTED} more`)
    io.err(`  hint: ${visible(error.hint)}`)
  }
  return exitCodeOfError(error.code)
}

/** One line (and a hint) for a run that did not end with `ok`. */
export function describeFailure(outcome: Outcome): string {
  const code = outcome.reason === null ? outcome.kind : `${outcome.kind}(${outcome.reason})`
  const at =
    outcome.location === null ? '' : ` (${outcome.location.file}:${outcome.location.line}:${outcome.location.column})`
  const pointer = outcome.pointer === null ? '' : ` at ${outcome.pointer}`
  const hint = outcome.hint === null ? '' : `\n  hint: ${visible(outcome.hint)}`
  return `error [${code}]: ${visible(outcome.message)}${pointer}${visible(at)}${hint}`
}
