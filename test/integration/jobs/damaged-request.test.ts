import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { openTestApp, SUBMISSIONS, waitForEnd, writeTestCandles } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

function damage(dataDir: string, sql: string, id: string): void {
  const database = new DatabaseSync(join(dataDir, 'hotcell.db'))
  try {
    database.prepare(sql).run(id)
  } finally {
    database.close()
  }
}

describe('a service with damaged rows', () => {
  it(
    'ends the job whose configuration cannot be read, cancels another, leaves a third alone, and runs the rest',
    {
      timeout: 120_000,
    },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using app = await openTestApp(dir.path, { concurrency: 1 })
      await writeTestCandles(app)
      const submit = async (): Promise<string> =>
        (await app.jobs.submit({ owner: 'me', raw: SUBMISSIONS.valid(), idempotency: null })).job.id
      const [unreadable, unwanted, damaged, whole] = [await submit(), await submit(), await submit(), await submit()]
      const noRequest = `UPDATE job_requests SET config = '{}' WHERE job = (SELECT sequence FROM jobs WHERE id = ?)`
      for (const id of [unreadable, unwanted]) damage(dir.path, noRequest, id)
      damage(dir.path, `UPDATE jobs SET labels = '{' WHERE id = ?`, damaged)
      await app.jobs.cancel(unwanted, 'me')

      await app.start()

      expect(await waitForEnd(app, unreadable)).toMatchObject({
        state: 'failed',
        outcome: {
          kind: 'platform_error',
          reason: 'invariant',
          message: expect.stringContaining(unreadable) as string,
        },
      })
      expect(await waitForEnd(app, unwanted)).toMatchObject({ state: 'cancelled', outcome: { kind: 'cancelled' } })
      expect(await waitForEnd(app, whole)).toMatchObject({ state: 'completed', outcome: { kind: 'ok' } })
      expect((await app.stores.jobs.list({ owner: null, limit: 10 })).damaged.map(({ id }) => id)).toEqual([damaged])
    },
  )
})
