/** A public field: values that it may have (with what must come of them), and values that it may not have. */
export interface FieldRow {
  field: string
  good: [unknown, string, unknown][]
  bad: unknown[]
}
