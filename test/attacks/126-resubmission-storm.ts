/**
 * Technique: submits without end, and again whatever is refused.
 * Expected: refused(too_many_jobs).
 * Stopped by: bound of the waiting jobs of an owner, with 429 and a time to wait. Behind it: bound of the queue; owners take turns; as many cells as slots, however many wait.
 * Without the bound of the owner: refused(queue_full).
 */
import assert from 'node:assert/strict'
import type { ClientAttack, Expected } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { type AttackedService, backtestOf, refusedWith } from '../support/attack-client.ts'

const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide() {
    return null
  }
}
`

const STORM = 100
const REFUSED: Expected = { kind: 'refused', reason: 'too_many_jobs' }
const QUEUE_FULL: Expected = { kind: 'refused', reason: 'queue_full' }

/** Ids of the jobs that were taken; every other submission must have been refused as expected. */
async function storm(service: AttackedService, refused: Expected): Promise<string[]> {
  const ids: string[] = []
  for (let round = 0; round < STORM / 10; round++) {
    const bodies = Array.from({ length: 10 }, () => backtestOf(SOURCE))
    for (const answer of await Promise.all(bodies.map((body) => service.request('POST', '/v1/backtests', { body }))))
      if (answer.status === 202) ids.push(String(answer.json['id']))
      else assert.deepEqual(refusedWith(answer), refused)
  }
  return ids
}

async function cancelAll(service: AttackedService, ids: readonly string[]): Promise<void> {
  for (const id of ids) await service.request('POST', `/v1/backtests/${id}/cancel`)
  for (const id of ids) await service.waitForEnd(id, service.keys.mallory)
}

export const attack: ClientAttack = {
  name: '126-resubmission-storm',
  where: 'client',
  family: 'service',
  technique: 'submits without end, and again whatever is refused',
  stoppedBy: 'bound of the waiting jobs of an owner, with 429 and a time to wait',
  behind: 'bound of the queue; owners take turns; as many cells as slots, however many wait',
  expect: REFUSED,
  env: { HOTCELL_MAX_QUEUED_PER_OWNER: '10', HOTCELL_MAX_QUEUED: '20', HOTCELL_CONCURRENCY: '1' },
  run: async (service) => {
    const ids = await storm(service, REFUSED)
    assert.ok(ids.length < STORM && ids.length >= 10)
    const refused = await service.request('POST', '/v1/backtests', { body: backtestOf(SOURCE) })
    if (refused.status === 429) assert.ok(Number(refused.headers.get('retry-after')) >= 1)
    await cancelAll(service, ids)
    return REFUSED
  },
  ablated: {
    off: 'the bound of the owner',
    expect: QUEUE_FULL,
    host: {
      'orchestrator-service/store/sqlite/job-store.ts': replaceOnce('if (own >= maxQueuedPerOwner)', 'if (own < 0)'),
    },
    run: async (service) => {
      const ids = await storm(service, QUEUE_FULL)
      assert.ok(ids.length < STORM && ids.length >= 20)
      await cancelAll(service, ids)
      return QUEUE_FULL
    },
  },
}
