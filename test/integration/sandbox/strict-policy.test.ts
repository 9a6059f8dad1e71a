import { describe, it, vi } from 'vitest'
import { loadPolicies } from '../../../orchestrator-service/sandbox/policy.ts'
import { policyLimits } from '../../../orchestrator-service/sandbox/policy-limits.ts'
import { startOwnEngine } from '../../support/own-engine.ts'
import { findRunsc, runscRuntime } from '../../support/runsc.ts'
import {
  countContainers,
  findContradictions,
  openTestApp,
  slowSubmission,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const runsc = findRunsc()
if (runsc === null)
  console.log('Left out: a job under the policy strict, because there is no runsc (npm run test:runsc builds it)')

describe.skipIf(runsc === null)('the policy strict, on an engine with gVisor', () => {
  it(
    'takes jobs to their end, warm and cold, with the fingerprint that they have under runc, and ends what must end',
    { timeout: 170_000 },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using engine = await startOwnEngine({ liveRestore: false, runtimes: runscRuntime(runsc!) })
      vi.stubEnv('DOCKER_HOST', engine.url)
      await using app = await openTestApp(dir.path, { warmCells: '1..2' })
      vi.unstubAllEnvs()
      await writeTestCandles(app)
      await app.start()
      const run = async (raw: object) => {
        const { job } = await app.jobs.submit({ owner: 'me', raw, idempotency: null })
        return await waitForEnd(app, job.id, 120_000)
      }
      const strict = { options: { policy: 'strict' } }

      const expected = await run(slowSubmission(0.1))
      const cold = await run(slowSubmission(0.1, strict))
      const warm = await run(slowSubmission(0.1, strict))
      const builtin = await run(SUBMISSIONS.valid(strict))
      const endless = await run(SUBMISSIONS.endless(strict))

      for (const { outcome } of [expected, cold, warm, builtin]) expect(outcome).toMatchObject({ kind: 'ok' })
      expect(expected.fingerprint).toMatch(/^[0-9a-f]{64}$/)
      expect([cold.fingerprint, warm.fingerprint]).toEqual([expected.fingerprint, expected.fingerprint])
      expect(cold.outcome?.limits).toMatchObject(policyLimits(loadPolicies().get('strict')!))
      expect(endless.outcome).toMatchObject({ kind: 'limit_exceeded', reason: 'bar_time' })
      for (const { id } of [cold, warm, builtin, endless]) expect(await findContradictions(app, id)).toEqual([])
      await app[Symbol.asyncDispose]()
      await waitFor('no container', async () => (await countContainers(dir.path, engine.client)) === 0)
    },
  )
})
