import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { JobEvent } from '../../orchestrator-service/jobs/job-state.ts'
import type { JobQuery, JobStores } from '../../orchestrator-service/store/ports.ts'
import { openDatabase } from '../../orchestrator-service/store/sqlite/database.ts'
import { createJobStore } from '../../orchestrator-service/store/sqlite/job-store.ts'
import { openSqliteStores } from '../../orchestrator-service/store/sqlite/open-stores.ts'
import { finished, sampleJob, wayToOk } from '../support/job-samples.ts'
import { type BenchContext, type BenchRow, pair, rowOf, timed } from './harness.ts'

const JOBS = 100_000
const WAITING = 100
const PAGE = 50
const PAGES = 40
const LIST_GOAL = '<= 60'
const OPEN_GOAL = '<= 100'
const START = Date.UTC(2026, 0, 1)
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'ADAUSDT'] as const

/** As it comes to be: one owner and one strategy have most jobs; labels name two thousand jobs each, one of them ten. */
async function fill(path: string): Promise<void> {
  await using database = openDatabase(path)
  // What is measured are pages; 300,000 transactions, each with its sync, would take longer than everything else.
  const jobs = createJobStore({ ...database, transaction: (step) => step() })
  database.get('BEGIN')
  for (let i = 0; i < JOBS; i += 1) {
    const now = START + i * 1000
    const sample = sampleJob(`r-${i}`, {
      owner: i % 50 === 0 ? 'bob' : 'ann',
      createdAt: now,
      strategy: i % 10 === 0 ? 'BuyAndHold' : 'SmaCrossover',
      symbols: i % 3 === 0 ? SYMBOLS.slice(0, 2) : [SYMBOLS[i % 4]!],
      labels: { team: `t${i % 50}`, ...(i % 10_000 === 0 ? { rare: 'yes' } : {}) },
    })
    await jobs.submit(sample, { maxQueued: JOBS })
    if (i >= JOBS - WAITING) continue
    await jobs.take({ worker: 'w', now, leaseMs: 1, only: sample.id })
    await jobs.update(sample.id, now + 500, () => endOf(i))
  }
  database.get('COMMIT')
}

function endOf(i: number): readonly JobEvent[] {
  if (i % 20 !== 0) return wayToOk(1)
  return [i % 40 === 0 ? finished(1, 'limit_exceeded', 'wall_time') : finished(1, 'strategy_error', 'threw')]
}

type Filter = Omit<JobQuery, 'limit' | 'cursor'>
const FILTERS: Readonly<Record<string, Filter>> = {
  everything: { owner: null },
  owner: { owner: 'bob' },
  'owner and states': { owner: 'ann', states: ['failed', 'timed_out'] },
  'waiting jobs of an owner and symbol': { owner: 'ann', states: ['queued'], symbol: 'BTCUSDT' },
  'owner, strategy and state': { owner: 'ann', strategy: 'BuyAndHold', states: ['completed'] },
  symbol: { owner: null, symbol: 'ADAUSDT' },
  'common symbol, rare state': { owner: 'ann', symbol: 'BTCUSDT', states: ['timed_out'] },
  'common label': { owner: 'ann', label: { name: 'team', value: 't7' } },
  'rare label': { owner: null, label: { name: 'rare', value: 'yes' } },
  'label and symbol that never meet': { owner: null, label: { name: 'rare', value: 'yes' }, symbol: 'ADAUSDT' },
  'symbol and strategy that never meet': { owner: 'bob', symbol: 'BTCUSDT', strategy: 'None' },
  'time range': { owner: 'ann', createdFrom: START + 4e7, createdTo: START + 5e7 },
}

const percentile95 = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)]!

/** Over all filters, for each 40 pages of which every one goes on after the one before. */
async function listFiltered({ jobs }: JobStores, context: BenchContext): Promise<number> {
  const all: number[] = []
  for (const [name, filter] of Object.entries(FILTERS)) {
    const times: number[] = []
    let cursor: string | null = null
    for (let page = 0; page < PAGES; page += 1) {
      const query: JobQuery = { ...filter, limit: PAGE, ...(cursor === null ? {} : { cursor }) }
      times.push(await timed(async () => ({ cursor } = await jobs.list(query))))
    }
    context.log(`  list, ${name}: p95 ${percentile95(times).toFixed(1)} ms`)
    all.push(...times)
  }
  return percentile95(all)
}

/** Pages in the middle of the table, as a program reads them that knows nothing of filters. */
async function bareSelect(path: string): Promise<number> {
  const database = new DatabaseSync(path)
  const page = database.prepare('SELECT * FROM jobs WHERE sequence < ? ORDER BY sequence DESC LIMIT ?')
  const times: number[] = []
  for (let i = 0; i < PAGES; i += 1) times.push(await timed(() => page.all(JOBS / 2 - i * PAGE, PAGE)))
  database.close()
  return percentile95(times)
}

async function openBare(path: string): Promise<number> {
  return await timed(() => {
    const database = new DatabaseSync(path)
    database.prepare('SELECT * FROM jobs LIMIT 1').get()
    database.close()
  })
}

async function openStores(path: string): Promise<number> {
  let stores: JobStores
  const ms = await timed(async () => {
    stores = openSqliteStores(path)
    await stores.jobs.active()
    await stores.jobs.countByState()
  })
  await stores![Symbol.asyncDispose]()
  return ms
}

/** 100,000 stored jobs: pages of every filter, and opening the store as a start of the service does. */
export async function benchStore(context: BenchContext): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hotcell-store-'))
  const path = join(folder, 'hotcell.db')
  try {
    context.log(`  filling the store: ${(await timed(async () => await fill(path))).toFixed(0)} ms`)
    const opening = await pair(
      context.rounds,
      async () => await openStores(path),
      async () => await openBare(path),
    )
    await using stores = openSqliteStores(path)
    const listing = await pair(
      context.rounds,
      async () => await listFiltered(stores, context),
      async () => await bareSelect(path),
    )
    const promised = ({ a }: { a: number }, ms: number) => ({ a, b: ms, ratio: a / ms })
    const common = { unit: 'ms', baselineName: 'what is promised', goal: '<= 1' }
    const list = { name: 'page of 100,000 jobs over all filters, p95', unit: 'ms' }
    const open = { name: 'opening the store of 100,000 jobs', unit: 'ms' }
    return [
      rowOf({ ...list, baselineName: 'bare SELECT of a page', goal: LIST_GOAL, measured: listing }),
      rowOf({ ...list, ...common, measured: promised(listing, 50) }),
      rowOf({ ...open, baselineName: 'bare opening and one row', goal: OPEN_GOAL, measured: opening }),
      rowOf({ ...open, ...common, measured: promised(opening, 2000) }),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
