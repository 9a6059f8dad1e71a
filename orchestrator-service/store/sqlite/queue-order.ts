import type { Database, Row } from './database.ts'

/**
 * Theory of operation. Waiting jobs are taken by priority; within one, owners take turns, so that whoever has thousands of
 * jobs keeps nobody else waiting. Turns are numbered when a job comes: each job of an owner is one round after the one
 * before, and an owner of whom nothing waits joins the round that is being taken now. Then the order is that of the
 * rounds, within a round that of age: one index, and a place in the queue is a count. A job that is tried again keeps its
 * round and is therefore next: it does not say which round is being taken, and no job gets an earlier round than those that
 * run, which may come back.
 */
const WAITS = `state = 'queued'`
export const ACTIVE = `state IN ('preparing', 'running', 'verifying')`
/** The indexes are named because SQLite, which counts no rows, would rather sort all jobs of a state. */
const FIRST = `SELECT * FROM jobs INDEXED BY jobs_waiting WHERE ${WAITS} ORDER BY priority DESC, round, sequence LIMIT ?`

/** The first `count` jobs that wait, as rows. */
export function firstWaiting(database: Database, count: number): Row[] {
  return database.all(FIRST, count)
}

/** That job, while it waits. */
export function waitingRow(database: Database, id: string): Row[] {
  return database.all(`SELECT * FROM jobs WHERE ${WAITS} AND id = ?`, id)
}

/** Round of a job that comes now. */
export function nextRound(database: Database, owner: string, priority: number): number {
  const own = database.get(
    `SELECT max(round) AS round FROM jobs INDEXED BY jobs_waiting_by_owner WHERE ${WAITS} AND owner = ? AND priority = ?`,
    owner,
    priority,
  )
  const last = own?.['round'] ?? null
  return Math.max(currentRound(database, priority), last === null ? 0 : Number(last) + 1)
}

function currentRound(database: Database, priority: number): number {
  const fresh = database.get(
    `SELECT round FROM jobs INDEXED BY jobs_waiting WHERE ${WAITS} AND priority = ? AND attempt = 0
      ORDER BY round, sequence LIMIT 1`,
    priority,
  )
  if (fresh !== null) return Number(fresh['round'])
  const begun = database.get(
    `SELECT max(
      coalesce((SELECT max(round) FROM jobs INDEXED BY jobs_active WHERE ${ACTIVE} AND priority = ?), 0),
      coalesce((SELECT max(round) FROM jobs INDEXED BY jobs_waiting WHERE ${WAITS} AND priority = ?), 0)) AS round`,
    priority,
    priority,
  )
  return Number(begun!['round'])
}

/** Jobs that are taken before this one as things are; null: it does not wait. */
export function placeInQueue(database: Database, id: string): number | null {
  const job = database.get(`SELECT priority, round, sequence FROM jobs WHERE ${WAITS} AND id = ?`, id)
  if (job === null) return null
  const [priority, round, sequence] = [Number(job['priority']), Number(job['round']), Number(job['sequence'])]
  const sql = `SELECT
    (SELECT count(*) FROM jobs INDEXED BY jobs_waiting WHERE ${WAITS} AND priority > ?)
    + (SELECT count(*) FROM jobs INDEXED BY jobs_waiting
        WHERE ${WAITS} AND priority = ? AND (round, sequence) < (?, ?)) AS before`
  return Number(database.get(sql, priority, priority, round, sequence)!['before'])
}

/** Waiting jobs of everybody, or of one owner. */
export function countWaiting(database: Database, owner: string | null): number {
  const row =
    owner === null
      ? database.get(`SELECT count(*) AS jobs FROM jobs INDEXED BY jobs_waiting WHERE ${WAITS}`)
      : database.get(
          `SELECT count(*) AS jobs FROM jobs INDEXED BY jobs_waiting_by_owner WHERE ${WAITS} AND owner = ?`,
          owner,
        )
  return Number(row!['jobs'])
}
