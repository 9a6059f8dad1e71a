/**
 * Technique: asks for policies with more memory, more cores or a network, as a user and as an auditor.
 * Expected: refused(forbidden).
 * Stopped by: a policy says which roles may ask for it. Behind it: a larger policy is as sealed as the others, and a network one attaches only what the operator has set up.
 * Without the check of the role: harmless.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { backtestOf, HARMLESS, refusedWith } from '../support/attack-client.ts'

const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide() {
    return null
  }
}
`

export const attack: ClientAttack = {
  name: '140-policy-escalation',
  where: 'client',
  family: 'service',
  technique: 'asks for policies with more memory, more cores or a network, as a user and as an auditor',
  stoppedBy: 'a policy says which roles may ask for it',
  behind: 'a larger policy is as sealed as the others, and a network one attaches only what the operator has set up',
  expect: { kind: 'refused', reason: 'forbidden' },
  run: async (service) => {
    let last = await service.request('GET', '/v1/backtests')
    for (const policy of ['trusted', 'mongo-network']) {
      last = await service.request('POST', '/v1/backtests', { body: backtestOf(SOURCE, { options: { policy } }) })
      assert.equal(last.status, 403, policy)
      const inspect = await service.request('POST', '/v1/strategies/inspect', {
        body: backtestOf(SOURCE, { options: { policy } }),
      })
      assert.equal(inspect.status, 403, policy)
    }
    const auditor = await service.request('POST', '/v1/backtests', {
      secret: service.keys.auditor,
      body: backtestOf(SOURCE, { options: { policy: 'trusted' } }),
    })
    assert.equal(auditor.status, 403)
    return refusedWith(last)
  },
  ablated: {
    off: 'the check of the role',
    expect: { kind: 'harmless', reason: null },
    host: {
      'orchestrator-service/jobs/choose-policy.ts': replaceOnce(
        'if (!mayAsk(policy, role)) {',
        `if (policy.name === '') {`,
      ),
    },
    run: async (service) => {
      const { json, text } = await service.request('POST', '/v1/backtests', {
        body: backtestOf(SOURCE, { options: { policy: 'trusted' } }),
      })
      const { outcome } = await service.waitForEnd(String(json['id']), service.keys.mallory)
      const { kind, limits } = outcome as { kind: string; limits: Record<string, unknown> }
      assert.equal(kind, 'ok', text)
      assert.deepEqual([limits['network'], limits['readonlyRoot'], limits['policy']], ['none', true, 'trusted'])
      return HARMLESS
    },
  },
}
