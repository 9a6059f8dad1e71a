import { it } from 'vitest'
import { MAX_LOSSES } from '../../../orchestrator-service/jobs/job-state.ts'
import { findContradictions, openTestApp, slowSubmission, waitFor } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

it('ends a job with which the service went down again and again', { timeout: 60_000 }, async ({ expect }) => {
  using dir = temporaryDirectory()
  let id = ''
  {
    await using app = await openTestApp(dir.path)
    const { job } = await app.jobs.submit({ owner: 'me', raw: slowSubmission(1), idempotency: null })
    id = job.id
    const { jobs } = app.stores
    const take = async () => await jobs.take({ worker: 'gone', now: Date.now(), leaseMs: 1 })
    for (let attempt = 1; attempt <= MAX_LOSSES; attempt++) {
      await take()
      await jobs.update(id, Date.now(), () => [{ type: 'retried', attempt, cause: 'lost', reason: 'gone' }])
    }
    await take()
  }

  await using app = await openTestApp(dir.path)
  await app.start()
  const ended = await waitFor('its end', async () => {
    const job = await app.stores.jobs.get(id)
    return job?.finishedAt === null ? null : job
  })

  expect(ended).toMatchObject({
    state: 'failed',
    attempt: MAX_LOSSES + 1,
    outcome: { kind: 'platform_error', reason: 'infra' },
  })
  expect(ended.outcome?.message).toContain('was lost 21 times')
  expect(await findContradictions(app, id)).toEqual([])
})
