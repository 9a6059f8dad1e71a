/**
 * Ways in which a strategy may try to read what has not happened yet. `find` is what it hopes to get: an expression, or
 * statements with `return`, that sees `context` and its members, and the helpers of look-ahead-run.ts. Whatever finite
 * number it gives is taken for a price of a later bar and decides; `hook` replaces methods of the strategy, and may ask
 * `isTrying` too.
 */
export interface Channel {
  readonly name: string
  /** What is tried. */
  readonly attempt: string
  /** Why it gives nothing. */
  readonly closedBy: string
  readonly find?: string
  readonly top?: string
  readonly hook?: string
  /** Of a decision, what is returned in its place while trying. */
  readonly answer?: string
  /** With what the attempt itself fails; absent: it goes through and gets nothing. */
  readonly failure?: string
}
