/**
 * A public field: a value that it may have (with what must come of it), and one that it may not have.
 * `notYet` marks values of the public surface that have no rule in this release: refused by name.
 */
export interface FieldRow {
  field: string
  good: [unknown, string, unknown][]
  bad: unknown[]
  notYet?: unknown[]
}
