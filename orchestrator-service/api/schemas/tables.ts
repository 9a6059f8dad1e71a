import { type TSchema, Type } from 'typebox'
import type { ColumnSpec } from '../tables/run-parts.ts'

export const CSV_TYPE = 'text/csv'
export const ARROW_TYPE = 'application/vnd.apache.arrow.file'

/** A row of a table as JSON; null: no value. */
export function rowSchema(columns: Readonly<Record<string, ColumnSpec>>): TSchema {
  const properties = Object.entries(columns).map(([name, { kind, description }]) => [
    name,
    kind === 'word' ? Type.String({ description }) : Type.Unsafe({ type: ['number', 'null'], description }),
  ])
  return Type.Object(Object.fromEntries(properties) as Record<string, TSchema>, { additionalProperties: false })
}
