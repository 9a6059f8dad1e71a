import { describe, it, vi } from 'vitest'
import { auditFile } from '../../../orchestrator-service/audit/audit-lines.ts'
import { verifyChain } from '../../../orchestrator-service/audit/verify-chain.ts'
import type { ListedContainer } from '../../../orchestrator-service/sandbox/engine-calls.ts'
import { readChaos } from '../../support/chaos-report.ts'
import { startOwnEngine } from '../../support/own-engine.ts'
import { killAgainAndAgain, restartAgainAndAgain, submitMixture } from '../../support/restless-service.ts'
import { createServiceProcess } from '../../support/service-process.ts'
import { listContainers, openTestApp, waitFor, writeTestCandles } from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** By hand: HOTCELL_TEST_KILLS=200 HOTCELL_TEST_RESTARTS=20, about 20 minutes. */
const KILLS = Number(process.env['HOTCELL_TEST_KILLS'] ?? 6)
const RESTARTS = Number(process.env['HOTCELL_TEST_RESTARTS'] ?? 2)
const SEED = Number(process.env['HOTCELL_TEST_SEED'] ?? 20_261_121)
const SUBMITTED = Number(process.env['HOTCELL_TEST_JOBS'] ?? KILLS * 4)
const LONGEST_MS = 4000
const OVER_MS = KILLS * LONGEST_MS
/** So long after the end of the last job nothing may be left. */
const CLEAN_MS = 15_000
const LIMIT_MS = 170_000 + KILLS * 12_000

describe('a service that is killed again and again on an engine that is restarted again and again', () => {
  it(
    `loses no job of ${SUBMITTED} over ${KILLS} kills and ${RESTARTS} restarts, records none twice and leaves no container`,
    { timeout: LIMIT_MS },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using engine = await startOwnEngine({ liveRestore: true })
      const first = await openTestApp(dir.path)
      await writeTestCandles(first)
      await first[Symbol.asyncDispose]()
      const env = {
        DOCKER_HOST: engine.url,
        HOTCELL_CONCURRENCY: '3',
        HOTCELL_MAX_QUEUED: '2000',
        HOTCELL_MAX_QUEUED_PER_OWNER: '2000',
      }
      await using service = createServiceProcess(dir.path, env)
      await service.start()
      const begun = performance.now()

      const [submitted, , restarts] = await Promise.all([
        submitMixture(service, { count: SUBMITTED, overMs: OVER_MS, seed: SEED, slowSeconds: 6 }),
        killAgainAndAgain(service, { kills: KILLS, longestMs: LONGEST_MS, seed: SEED + 1, breathEvery: 3 }),
        restartAgainAndAgain(engine, { restarts: RESTARTS, everyMs: OVER_MS / (RESTARTS + 1), seed: SEED + 2 }),
      ])
      const open = 'state=queued&state=preparing&state=running&state=verifying&limit=1'
      await waitFor(
        'the end of every job',
        async () => {
          const answer = await service.call('GET', `/v1/backtests?${open}`)
          return Array.isArray(answer?.body['jobs']) && answer.body['jobs'].length === 0
        },
        LIMIT_MS,
      )
      const seconds = Math.round((performance.now() - begun) / 1000)
      // Those that wait for jobs run, and have no job's name
      const isLeft = ({ State, Names }: ListedContainer) =>
        State !== 'running' || Names.some((name) => /-r-/.test(name))
      await waitFor(
        'no container of a job',
        async () => !(await listContainers(dir.path, engine.client)).some(isLeft),
        CLEAN_MS,
      )
      expect(await service.kill('SIGTERM')).toBe(0)
      expect(await listContainers(dir.path, engine.client)).toEqual([])
      expect(engine.processes()).toEqual([])

      vi.stubEnv('DOCKER_HOST', engine.url)
      await using app = await openTestApp(dir.path, { oneShot: true })
      vi.unstubAllEnvs()
      const report = await readChaos(app, dir.path, { submitted, restarts })
      process.stderr.write(`${KILLS} kills, ${RESTARTS} restarts, ${seconds} s: ${JSON.stringify(report)}\n`)
      const { lost, foreign, wrong, recordedTwice, fedRunAgain } = report
      const faults = JSON.stringify({ lost, foreign, wrong, recordedTwice, fedRunAgain })
      expect(faults).toBe('{"lost":[],"foreign":[],"wrong":[],"recordedTwice":0,"fedRunAgain":[]}')
      const refused = submitted.filter(({ kind }) => kind === 'invalid')
      expect(refused.filter(({ status }) => status !== 400)).toEqual([])
      expect(await verifyChain(auditFile(dir.path))).toMatchObject({ ok: true })
    },
  )
})
