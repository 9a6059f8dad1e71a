/**
 * Technique: submits without end, and again whatever is refused.
 * Expected: refused(queue_full).
 * Stopped by: bound of the queue, with 429 and a time to wait. Behind it: as many cells as slots, however many wait; jobs of others keep their place.
 * Without the bound of the queue: harmless.
 */
import assert from 'node:assert/strict'
import type { ClientAttack, Expected } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { type AttackedService, backtestOf, HARMLESS, refusedWith } from '../support/attack-client.ts'

const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide() {
    return null
  }
}
`

const STORM = 100
const REFUSED: Expected = { kind: 'refused', reason: 'queue_full' }

/** Ids of the jobs that were taken; every other submission must have been refused for a full queue. */
async function storm(service: AttackedService): Promise<string[]> {
  const ids: string[] = []
  for (let round = 0; round < STORM / 10; round++) {
    const bodies = Array.from({ length: 10 }, () => backtestOf(SOURCE))
    for (const answer of await Promise.all(bodies.map((body) => service.request('POST', '/v1/backtests', { body }))))
      if (answer.status === 202) ids.push(String(answer.json['id']))
      else assert.deepEqual(refusedWith(answer), REFUSED)
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
  stoppedBy: 'bound of the queue, with 429 and a time to wait',
  behind: 'as many cells as slots, however many wait; jobs of others keep their place',
  expect: { kind: 'refused', reason: 'queue_full' },
  env: { HOTCELL_MAX_QUEUED: '10', HOTCELL_CONCURRENCY: '1' },
  run: async (service) => {
    const ids = await storm(service)
    assert.ok(ids.length < STORM && ids.length >= 10)
    const refused = await service.request('POST', '/v1/backtests', { body: backtestOf(SOURCE) })
    if (refused.status === 429) assert.ok(Number(refused.headers.get('retry-after')) >= 1)
    await cancelAll(service, ids)
    return REFUSED
  },
  ablated: {
    off: 'the bound of the queue',
    expect: { kind: 'harmless', reason: null },
    host: {
      'orchestrator-service/store/sqlite/job-store.ts': replaceOnce('if (queued >= maxQueued)', 'if (queued < 0)'),
    },
    run: async (service) => {
      const ids = await storm(service)
      assert.equal(ids.length, STORM)
      await cancelAll(service, ids)
      return HARMLESS
    },
  },
}
