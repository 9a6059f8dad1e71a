import { it } from 'vitest'
import { connectEngine } from '../../../orchestrator-service/sandbox/docker-client.ts'
import { openTestApp, slowSubmission, waitForEnd, writeTestCandles } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

it('makes the image again that somebody removed under a running service', { timeout: 120_000 }, async ({ expect }) => {
  using dir = temporaryDirectory()
  await using app = await openTestApp(dir.path)
  await writeTestCandles(app)
  await app.start()
  const { ref } = await app.deps.image()
  await connectEngine().docker.getImage(ref).remove({ force: true })

  const { job } = await app.jobs.submit({ owner: 'me', raw: slowSubmission(0.1), idempotency: null })

  expect(await waitForEnd(app, job.id)).toMatchObject({ state: 'completed', attempt: 2 })
})
