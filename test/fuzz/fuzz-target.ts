import type { Random } from '../support/random.ts'

/** One input of a parser. `settings`: caps and how it is cut into chunks; plain numbers, so that a case can be kept as JSON. */
export interface FuzzCase {
  readonly bytes: Uint8Array
  readonly settings: Readonly<Record<string, number>>
}

export interface FuzzTarget {
  /** An input that is well formed but for some mutations, a function of the random stream alone. */
  make(random: Random): FuzzCase
  /** Holds the parser against what it promises and against a naive reference. @throws Error with what does not hold */
  check(input: FuzzCase): void
}

/** @throws Error when `condition` does not hold */
export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}

/** Both as text, for outcomes that are compared. */
export function mustEqual(what: string, got: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)]
  must(a === b, `${what}: ${shorten(a)}, expected ${shorten(b)}`)
}

const shorten = (text: string | undefined): string => {
  const all = text ?? 'undefined'
  return all.length > 400 ? `${all.slice(0, 400)}… (${all.length} characters)` : all
}
