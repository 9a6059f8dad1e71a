import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'
import type { App } from '../../../orchestrator-service/app.ts'
import { isFinal } from '../../../src/protocol/job.ts'
import { createRandom } from '../../support/random.ts'
import {
  countContainers,
  findContradictions,
  openTestApp,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** All 500 in sealed cells with HOTCELL_TEST_FULL=1; else most of them end before a cell is started. */
const FULL = process.env['HOTCELL_TEST_FULL'] === '1'
const RACES = 500
const SEALED = FULL ? RACES : 60
const AT_ONCE = 4

/** Cancels at a random moment: anywhere in the life of the job, or just while its result is being stored. */
async function race(app: App, sealed: boolean, random: () => number): Promise<string> {
  const raw = sealed ? SUBMISSIONS.valid() : SUBMISSIONS.unknown()
  const { job } = await app.jobs.submit({ owner: 'me', raw, idempotency: null })
  const { id } = job
  if (random() < 0.5) {
    await sleep(random() * (sealed ? 900 : 15))
  } else {
    const reached = Promise.withResolvers<void>()
    const late = sealed ? ['verifying'] : ['preparing']
    const look = async (): Promise<void> => {
      const now = await app.stores.jobs.get(id)
      if (now === null || late.includes(now.state) || isFinal(now.state)) reached.resolve()
    }
    const stop = app.feed.subscribe(id, () => void look())
    await look()
    await reached.promise
    stop()
    await sleep(random() * (sealed ? 150 : 8))
  }
  const answer = await app.jobs.cancel(id, 'racer')
  const ended = await waitForEnd(app, id)
  // What a cancel answers of a job that has ended is its end
  if (isFinal(answer.state) && answer.state !== ended.state)
    throw new Error(`${id}: ${answer.state}, then ${ended.state}`)
  return id
}

describe('cancel against finish', () => {
  it(`has one outcome in each of ${RACES} races`, { timeout: FULL ? 1_200_000 : 180_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path, { concurrency: AT_ONCE })
    await writeTestCandles(app)
    await app.start()
    const random = createRandom(20_261_121).next
    const ids: string[] = []

    let next = 0
    const lane = async (): Promise<void> => {
      while (next < RACES) {
        const sealed = next < SEALED
        next += 1
        ids.push(await race(app, sealed, random))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))

    const states = new Map<string, number>()
    for (const id of ids) {
      expect(await findContradictions(app, id)).toEqual([])
      const { state } = (await app.stores.jobs.get(id))!
      states.set(state, (states.get(state) ?? 0) + 1)
    }
    expect(ids).toHaveLength(RACES)
    // Neither side always wins
    expect(states.get('cancelled')).toBeGreaterThan(RACES / 20)
    expect((states.get('completed') ?? 0) + (states.get('failed') ?? 0)).toBeGreaterThan(RACES / 20)
    await waitFor('the removal of the cells', async () => (await countContainers(dir.path)) === 0)
    process.stderr.write(`cancel against finish: ${JSON.stringify(Object.fromEntries(states))}\n`)
  })
})
