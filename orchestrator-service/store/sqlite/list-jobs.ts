import type { SQLInputValue } from 'node:sqlite'
import { PlatformError } from '../../../src/errors.ts'
import { FINAL_STATES, JOB_STATES, type JobState } from '../../../src/protocol/job.ts'
import type { Job, JobQuery } from '../ports.ts'
import type { Row } from './database.ts'

/**
 * Theory of operation. A page is found in indexes alone and only its rows are read. Each asked state is a query of its
 * own, whose index begins with what is compared and ends in the order of the page; together they are merged. With a
 * label or a symbol that leads to few jobs, the walk begins there instead. Order and cursor are (created_at, sequence),
 * which never change and are never used again, so that a cursor stands still while jobs come and go. A walk along a symbol
 * or label that the other conditions hardly ever meet is long: it goes in windows, and everything else has its turn between.
 */
export interface ListStatement {
  readonly sql: string
  readonly values: SQLInputValue[]
}

interface Conditions {
  readonly sql: string[]
  readonly values: SQLInputValue[]
}

const TABLES = {
  symbol: { table: 'job_symbols', match: 'symbol = ?' },
  label: { table: 'job_labels', match: 'name = ? AND value = ?' },
} as const
type Tag = { readonly kind: keyof typeof TABLES; readonly values: readonly string[] }

/** Order of a job in lists. */
export type Place = Pick<Job, 'createdAt' | 'sequence'>

/** `end`: the page goes no further than there. */
export function buildList(query: JobQuery, end: Place | null = null): ListStatement {
  const tags = tagsOf(query)
  const states = statesOf(query)
  const [first, ...others] = tags
  const page =
    first === undefined || areFew(states)
      ? unionOf(query, states, tags)
      : fromTag(query, { states, first, others, end })
  return {
    sql: `SELECT jobs.* FROM (${page.sql}) AS page CROSS JOIN jobs ON jobs.sequence = page.job
      ORDER BY page.created_at DESC, page.job DESC LIMIT ?`,
    values: [...page.values, query.limit + 1],
  }
}

/** Answers with the place `rows` further along the walk of a query, none: it ends before. Null: the query walks nothing. */
export function buildWindowEnd(query: JobQuery, rows: number): ListStatement | null {
  const [first] = tagsOf(query)
  if (first === undefined || areFew(statesOf(query))) return null
  const { table, match } = TABLES[first.kind]
  const conditions: Conditions = { sql: [match], values: [...first.values] }
  addRange(conditions, query, { time: 'created_at', sequence: 'job' })
  return {
    sql: `SELECT created_at, job AS sequence FROM ${table} WHERE ${conditions.sql.join(' AND ')}
      ORDER BY created_at DESC, job DESC LIMIT 1 OFFSET ?`,
    values: [...conditions.values, rows - 1],
  }
}

function statesOf(query: JobQuery): JobState[] {
  return [...new Set(query.states ?? JOB_STATES)]
}

/** Jobs that have not ended are few. */
function areFew(states: readonly JobState[]): boolean {
  return states.every((state) => !(FINAL_STATES as readonly JobState[]).includes(state))
}

/** A label names few jobs as a rule, a symbol many. */
function tagsOf(query: JobQuery): Tag[] {
  const tags: Tag[] = []
  if (query.label !== undefined) tags.push({ kind: 'label', values: [query.label.name, query.label.value] })
  if (query.symbol !== undefined) tags.push({ kind: 'symbol', values: [query.symbol] })
  return tags
}

function unionOf(query: JobQuery, states: readonly JobState[], tags: readonly Tag[]): ListStatement {
  const branches = states.map((state): ListStatement => {
    const conditions: Conditions = { sql: ['state = ?'], values: [state] }
    if (query.owner !== null) add(conditions, 'owner = ?', query.owner)
    if (query.strategy !== undefined) add(conditions, 'strategy = ?', query.strategy)
    addRange(conditions, query, { time: 'created_at', sequence: 'sequence' })
    for (const tag of tags) addTag(conditions, tag, 'jobs.sequence')
    return {
      sql: `SELECT * FROM (SELECT created_at, sequence AS job FROM jobs WHERE ${conditions.sql.join(' AND ')}
        ORDER BY created_at DESC, sequence DESC LIMIT ?)`,
      values: [...conditions.values, query.limit + 1],
    }
  })
  if (branches.length === 0) return { sql: 'SELECT 0 AS created_at, 0 AS job WHERE FALSE', values: [] }
  return {
    sql: branches.map(({ sql }) => sql).join(' UNION ALL '),
    values: branches.flatMap(({ values }) => values),
  }
}

function fromTag(
  query: JobQuery,
  options: { states: readonly JobState[]; first: Tag; others: readonly Tag[]; end: Place | null },
): ListStatement {
  const { states, first, others, end } = options
  const { table, match } = TABLES[first.kind]
  const conditions: Conditions = { sql: [match], values: [...first.values] }
  if (query.owner !== null) add(conditions, 'tag.owner = ?', query.owner)
  if (end !== null) add(conditions, '(tag.created_at, tag.job) >= (?, ?)', end.createdAt, end.sequence)
  addRange(conditions, query, { time: 'tag.created_at', sequence: 'tag.job' })
  for (const tag of others) addTag(conditions, tag, 'tag.job')
  const job: Conditions = { sql: ['jobs.sequence = tag.job'], values: [] }
  if (states.length < JOB_STATES.length) add(job, `state IN (${states.map(() => '?').join(', ')})`, ...states)
  if (query.strategy !== undefined) add(job, 'strategy = ?', query.strategy)
  return {
    sql: `SELECT tag.created_at, tag.job FROM ${table} AS tag CROSS JOIN jobs ON ${job.sql.join(' AND ')}
      WHERE ${conditions.sql.join(' AND ')} ORDER BY tag.created_at DESC, tag.job DESC LIMIT ?`,
    values: [...job.values, ...conditions.values, query.limit + 1],
  }
}

function add(conditions: Conditions, sql: string, ...values: SQLInputValue[]): void {
  conditions.sql.push(sql)
  conditions.values.push(...values)
}

function addTag(conditions: Conditions, { kind, values }: Tag, job: string): void {
  const { table, match } = TABLES[kind]
  add(conditions, `EXISTS (SELECT 1 FROM ${table} AS other WHERE other.job = ${job} AND ${match})`, ...values)
}

function addRange(conditions: Conditions, query: JobQuery, columns: { time: string; sequence: string }): void {
  if (query.createdFrom !== undefined) add(conditions, `${columns.time} >= ?`, query.createdFrom)
  if (query.createdTo !== undefined) add(conditions, `${columns.time} < ?`, query.createdTo)
  if (query.cursor === undefined) return
  const { createdAt, sequence } = readCursor(query.cursor)
  add(conditions, `(${columns.time}, ${columns.sequence}) < (?, ?)`, createdAt, sequence)
}

/** Of a row, also of one that cannot be read: these columns hold nothing but numbers. */
export function placeOf(row: Row): Place {
  return { createdAt: Number(row['created_at']), sequence: Number(row['sequence']) }
}

/** Where the page after one that ends with `job` goes on. */
export function writeCursor({ createdAt, sequence }: Place): string {
  return Buffer.from(`1:${createdAt}:${sequence}`).toString('base64url')
}

function readCursor(cursor: string): { createdAt: number; sequence: number } {
  const text = cursor.length > 64 ? '' : Buffer.from(cursor, 'base64url').toString('latin1')
  const match = /^1:(-?\d{1,16}):(\d{1,16})$/.exec(text)
  const position = { createdAt: Number(match?.[1]), sequence: Number(match?.[2]) }
  if (match !== null && writeCursor(position) === cursor) return position
  throw new PlatformError(
    'invalid_request',
    'Cannot go on with the list: the cursor is none that a page answered with',
    {
      errors: [{ pointer: '/cursor', message: 'must be the cursor of the page before' }],
    },
  )
}
