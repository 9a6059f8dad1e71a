import { setImmediate } from 'node:timers/promises'
import type { JobQuery } from '../ports.ts'
import type { Database, Row } from './database.ts'
import { buildList, buildWindowEnd, type Place, placeOf, writeCursor } from './list-jobs.ts'

/** A few milliseconds of looking up jobs. */
const WALK_ROWS = 2048

/** Rows of a page and one more where there is one, in steps of at most `walkRows` jobs that are looked at. */
export async function readPage(database: Database, query: JobQuery, walkRows = WALK_ROWS): Promise<Row[]> {
  const rows: Row[] = []
  let rest = query
  for (;;) {
    const end = database.transaction(() => {
      const end = windowEnd(database, rest, walkRows)
      const { sql, values } = buildList({ ...rest, limit: query.limit - rows.length }, end)
      rows.push(...database.all(sql, ...values))
      return end
    })
    if (end === null || rows.length > query.limit) return rows
    rest = { ...rest, cursor: writeCursor(end) }
    await setImmediate()
  }
}

function windowEnd(database: Database, query: JobQuery, walkRows: number): Place | null {
  const statement = buildWindowEnd(query, walkRows)
  const row = statement === null ? null : database.get(statement.sql, ...statement.values)
  return row === null ? null : placeOf(row)
}
