/**
 * Technique: submits, cancels, deletes and submits again at the same moments, so that an end meets another one.
 * Expected: harmless.
 * Stopped by: the steps of a job run one after the other. Behind it: the store takes an event only where the state of the job allows it, in one transaction.
 * Without the lock of a job: harmless.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { backtestOf, HARMLESS } from '../support/attack-client.ts'

const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide() {
    return null
  }
}
`

export const attack: ClientAttack = {
  name: '132-end-races',
  where: 'client',
  family: 'service',
  technique: 'submits, cancels, deletes and submits again at the same moments, so that an end meets another one',
  stoppedBy: 'the steps of a job run one after the other',
  behind: 'the store takes an event only where the state of the job allows it, in one transaction',
  expect: { kind: 'harmless', reason: null },
  maxMs: 90_000,
  run: async (service) => {
    const ids: string[] = []
    for (let round = 0; round < 8; round++) {
      const { json } = await service.request('POST', '/v1/backtests', { body: backtestOf(SOURCE) })
      const id = String(json['id'])
      ids.push(id)
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
      await wait(round * 60)
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, () => service.request('POST', `/v1/backtests/${id}/cancel`)),
        service.request('DELETE', `/v1/backtests/${id}`),
        service.request('POST', `/v1/backtests/${id}/verify`),
        service.request('GET', `/v1/backtests/${id}/result`),
      ])
      for (const { status } of answers) assert.ok(status < 500, String(status))
    }
    for (const id of ids) {
      const { status } = await service.request('GET', `/v1/backtests/${id}`)
      if (status === 404) continue
      const job = await service.waitForEnd(id, service.keys.mallory)
      const again = await service.waitForEnd(id, service.keys.mallory)
      assert.deepEqual(again, job)
    }
    return HARMLESS
  },
  ablated: {
    off: 'the lock of a job',
    expect: { kind: 'harmless', reason: null },
    host: {
      'orchestrator-service/jobs/job-context.ts': replaceOnce('const run = before.then(step)', 'const run = step()'),
    },
  },
}
