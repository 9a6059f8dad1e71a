import { readFileSync } from 'node:fs'
import { describe, it } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import type { RunFile } from '../../../orchestrator-service/results/run-path.ts'
import type { Job } from '../../../orchestrator-service/store/ports.ts'
import { realShapedCandles } from '../../bench/candles.ts'
import {
  BARS,
  findContradictions,
  openTestApp,
  SUBMISSIONS,
  SYMBOL,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const FILES: RunFile[] = [
  'equity.arrow',
  'fills.arrow',
  'trades.arrow',
  'orders.arrow',
  'refusals.arrow',
  'report.html',
]

async function run(app: App, raw: object, owner = 'me'): Promise<Job> {
  const { job } = await app.jobs.submit({ owner, raw, idempotency: null })
  return await waitForEnd(app, job.id)
}

const eventsOf = async (app: App, id: string): Promise<string[]> =>
  (await app.stores.jobs.events(id)).map(({ event }) => event.type)

describe('a job with the inputs of one that is completed', () => {
  it('gets its result at once, without a cell', async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path, { cache: true })
    await writeTestCandles(app)
    await app.start()
    const first = await run(app, SUBMISSIONS.valid({ options: { labels: { of: 'first' } } }))

    const second = await run(app, SUBMISSIONS.valid({ options: { labels: { of: 'second' }, priority: 3 } }))

    expect(second).toMatchObject({ state: 'completed', cachedFrom: first.id, cell: null })
    expect(second.fingerprint).toBe(first.fingerprint)
    expect(second.totalReturn).toBe(first.totalReturn)
    expect(await eventsOf(app, second.id)).toEqual(['submitted', 'taken', 'reused', 'finished'])
    const [original, copy] = [await app.runs.load(first.id), await app.runs.load(second.id)]
    const { id, options, provenance, ...rest } = copy
    const { id: _id, options: _options, provenance: _provenance, ...same } = original
    expect(rest).toEqual(same)
    expect(id).toBe(second.id)
    expect(options).toMatchObject({ labels: { of: 'second' }, priority: 3 })
    expect(provenance).toEqual({ ...original.provenance, cachedFrom: first.id })
    for (const file of FILES)
      expect(readFileSync(app.runs.pathOf(second.id, file)), file).toEqual(
        readFileSync(app.runs.pathOf(first.id, file)),
      )
    for (const job of [first, second]) expect(await findContradictions(app, job.id)).toEqual([])
    // It is a run of its own: the first one may go
    await app.jobs.delete(first.id, 'me')
    expect((await app.runs.load(second.id)).fingerprint).toBe(first.fingerprint)
  })

  it('is run where anything else was asked for', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path, { cache: true })
    await writeTestCandles(app)
    await app.start()
    const first = await run(app, SUBMISSIONS.valid())
    const others: [string, Job][] = [
      ['of somebody else', await run(app, SUBMISSIONS.valid(), 'you')],
      ['not from the cache', await run(app, SUBMISSIONS.valid({ options: { cache: false } }))],
      ['with a proof', await run(app, SUBMISSIONS.valid({ options: { proof: true } }))],
      ['another seed', await run(app, SUBMISSIONS.valid({ seed: '1' }))],
    ]
    const again = await app.jobs.submitAgain(first.id, { owner: 'me', by: 'me' })
    others.push(['verified', await waitForEnd(app, again.id)])
    await app.archive.write('spot', realShapedCandles(SYMBOL, BARS + 1))
    const longer = await run(app, SUBMISSIONS.valid())
    others.push(['other candles', longer])

    for (const [what, job] of others) {
      expect(job.state, what).toBe('completed')
      expect(job.cachedFrom, what).toBeNull()
      expect(await eventsOf(app, job.id), what).toContain('started')
    }
    expect((await run(app, SUBMISSIONS.valid())).cachedFrom).toBe(longer.id)
    expect((await run(app, SUBMISSIONS.valid({ options: { proof: true } }))).cachedFrom).toBeNull()
  })

  it('is run where the earlier one failed, and where the service has no cache', async ({ expect }) => {
    using dir = temporaryDirectory()
    {
      await using app = await openTestApp(dir.path, { cache: true })
      await writeTestCandles(app)
      await app.start()
      const failed = [await run(app, SUBMISSIONS.throwing()), await run(app, SUBMISSIONS.throwing())]
      for (const job of failed) expect(job).toMatchObject({ state: 'failed', cachedFrom: null })
      await run(app, SUBMISSIONS.valid())
    }

    await using app = await openTestApp(dir.path, { cache: false })
    await app.start()

    expect(await run(app, SUBMISSIONS.valid())).toMatchObject({ state: 'completed', cachedFrom: null })
  })
})
