import { statSync } from 'node:fs'
import { describe, it } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import type { Job } from '../../../orchestrator-service/store/ports.ts'
import { makeWalk } from '../../support/sample-series.ts'
import { findContradictions, openTestApp, waitFor, waitForEnd } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** Two kills a job: a cell that was killed from outside is tried again twice. HOTCELL_TEST_RESUME_KILLS for more of them. */
const JOBS = Math.ceil(Number(process.env['HOTCELL_TEST_RESUME_KILLS'] ?? 2) / 2)
const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD']

/** Each unit computes for about 0.4 s, and so does phase 2, which asks the sizing policy. */
const CODE = `import { BaseStrategy } from 'hotcell'
const burn = (steps) => { let x = 1; for (let i = 0; i < steps; i += 1) x = (x * 31 + i) % 1000003; return x }
export default class Made extends BaseStrategy {
  decide({ symbol, index, random, log }) {
    if (index === 100) log('info', 'unit of ' + symbol)
    if (burn(60_000) < 0 || random() > 0.1) return null
    return { signal: index % 2 === 0 ? 'BUY' : 'SELL', slPct: 3, rank: random() }
  }
}
export class Size {
  size(meta, action, view) { return burn(2_000_000) < 0 ? 0 : (view.equity * 0.1) / meta.close }
}
`

const submission = (job: number): Record<string, unknown> => ({
  strategy: { module: 'made.js' },
  files: { 'made.js': CODE },
  symbols: SYMBOLS,
  interval: '1h',
  seed: String(job),
  sizing: { module: 'made.js', class: 'Size' },
})

/** How often each unit was decided, by what it logged. */
async function unitsDecided(app: App, id: string): Promise<number[]> {
  const { bytes } = await app.logs.read(id, { from: 0, maxBytes: 64 * 1024 * 1024 })
  const text = Buffer.from(bytes).toString('utf8')
  return SYMBOLS.map((symbol) => text.split(`unit of ${symbol}"`).length - 1)
}

async function killCell(app: App, id: string, attempt: number): Promise<void> {
  const job = await app.stores.jobs.get(id)
  if (job?.attempt !== attempt || job.cell === null) throw new Error(`Attempt ${attempt} is over`)
  await connectEngine().docker.getContainer(job.cell.containerId).kill({ signal: 'SIGKILL' })
}

async function submit(app: App, raw: Record<string, unknown>): Promise<string> {
  return (await app.jobs.submit({ owner: 'me', raw, idempotency: null })).job.id
}

const checkpointBytes = (app: App, id: string): number =>
  statSync(app.runs.pathOf(id, 'checkpoints'), { throwIfNoEntry: false })?.size ?? 0

describe('a job whose cells are killed', () => {
  it(
    `ends with the fingerprint of one that was left alone, and decides no unit twice: ${2 * JOBS} kills`,
    { timeout: 60_000 + JOBS * 40_000 },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using app = await openTestApp(dir.path)
      for (const [i, symbol] of SYMBOLS.entries())
        await app.archive.write('spot', makeWalk({ symbol, rows: 1000, seed: i + 1 }))
      await app.start()

      for (let round = 0; round < JOBS; round += 1) {
        const whole = await waitForEnd(app, await submit(app, submission(round)))
        const id = await submit(app, submission(round))
        // The first kill when something is kept, the second in phase 2
        await waitFor('a checkpoint', async () => checkpointBytes(app, id) > 64)
        await killCell(app, id, 1)
        await waitFor(
          'phase 2 of the second attempt',
          async () => (await app.stores.jobs.get(id))?.attempt === 2 && app.feed.progress(id)?.phase === 'execute',
        )
        await killCell(app, id, 2)
        const killed: Job = await waitForEnd(app, id)
        const [result, undisturbed] = [await app.runs.load(id), await app.runs.load(whole.id)]

        expect(whole.outcome?.message).toBe('Verified')
        expect(killed.outcome).toMatchObject({ kind: 'ok', attempt: 3 })
        expect(killed.fingerprint).toBe(whole.fingerprint)
        expect({ ...result.summary, trades: result.trades }).toEqual({
          ...undisturbed.summary,
          trades: undisturbed.trades,
        })
        expect(result.provenance.resumedUnits).toBe(SYMBOLS.length)
        expect(undisturbed.provenance).not.toHaveProperty('resumedUnits')
        const decided = await unitsDecided(app, id)
        // What had begun and was not done when the first cell was killed was begun again
        expect(decided.filter((times) => times === 2).length).toBeLessThanOrEqual(1)
        expect(decided.every((times) => times === 1 || times === 2)).toBe(true)
        expect(checkpointBytes(app, id)).toBe(0)
        expect(await findContradictions(app, id)).toEqual([])
      }
    },
  )
})
