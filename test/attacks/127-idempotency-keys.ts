/**
 * Technique: uses an idempotency key again with another body, at the same moment, and the key that somebody else used.
 * Expected: refused(idempotency_conflict).
 * Stopped by: a key belongs to its owner and to the hash of its first body. Behind it: a submission is one transaction: a key is stored with its job or not at all.
 * Without the comparison of the bodies: harmless.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { type AttackedService, backtestOf, HARMLESS, refusedWith } from '../support/attack-client.ts'

const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide() {
    return null
  }
}
`

const submit = (service: AttackedService, key: string, cash: number) =>
  service.request('POST', '/v1/backtests', {
    headers: { 'idempotency-key': key },
    body: backtestOf(SOURCE, { initialCash: 1000 + cash }),
  })

export const attack: ClientAttack = {
  name: '127-idempotency-keys',
  where: 'client',
  family: 'service',
  technique: 'uses an idempotency key again with another body, at the same moment, and the key that somebody else used',
  stoppedBy: 'a key belongs to its owner and to the hash of its first body',
  behind: 'a submission is one transaction: a key is stored with its job or not at all',
  expect: { kind: 'refused', reason: 'idempotency_conflict' },
  maxMs: 60_000,
  run: async (service) => {
    const headers = { 'idempotency-key': 'shared' }
    const foreign = await service.request('POST', '/v1/backtests', {
      secret: service.keys.alice,
      headers,
      body: backtestOf(SOURCE),
    })
    const own = await submit(service, 'shared', 1)
    assert.equal(own.status, 202)
    assert.notEqual(own.json['id'], foreign.json['id'])
    const race = await Promise.all(Array.from({ length: 10 }, () => submit(service, 'race', 3)))
    assert.equal(new Set(race.map(({ json }) => json['id'])).size, 1)
    const mixed = await Promise.all(Array.from({ length: 10 }, (_, i) => submit(service, 'mixed', i)))
    assert.equal(mixed.filter(({ status }) => status === 202).length, 1)
    return refusedWith(mixed.find(({ status }) => status !== 202)!)
  },
  ablated: {
    off: 'the comparison of the bodies',
    expect: { kind: 'harmless', reason: null },
    host: {
      'orchestrator-service/store/sqlite/job-store.ts': replaceOnce(
        `if (row['body_hash'] === bodyHash) return`,
        `if (row['body_hash'] !== null) return`,
      ),
    },
    run: async (service) => {
      const first = await submit(service, 'k', 1)
      const second = await submit(service, 'k', 2)
      assert.equal(second.json['id'], first.json['id'])
      return HARMLESS
    },
  },
}
