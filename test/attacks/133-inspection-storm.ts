/**
 * Technique: has strategies inspected without end, each in a cell of its own beside the queue.
 * Expected: refused(queue_full).
 * Stopped by: two inspections at a time. Behind it: limits of every cell; the client that goes away ends its inspection.
 * Without the bound of inspections: harmless.
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

const storm = (service: AttackedService) =>
  Promise.all(
    Array.from({ length: 8 }, () => service.request('POST', '/v1/strategies/inspect', { body: backtestOf(SOURCE) })),
  )

export const attack: ClientAttack = {
  name: '133-inspection-storm',
  where: 'client',
  family: 'service',
  technique: 'has strategies inspected without end, each in a cell of its own beside the queue',
  stoppedBy: 'two inspections at a time',
  behind: 'limits of every cell; the client that goes away ends its inspection',
  expect: { kind: 'refused', reason: 'queue_full' },
  maxMs: 60_000,
  run: async (service) => {
    const answers = await storm(service)
    const refused = answers.filter(({ status }) => status === 429)
    assert.ok(refused.length >= 1)
    assert.ok(answers.every(({ status }) => status === 200 || status === 429))
    return refusedWith(refused[0]!)
  },
  ablated: {
    off: 'the bound of inspections',
    expect: { kind: 'harmless', reason: null },
    host: {
      'orchestrator-service/jobs/job-service.ts': replaceOnce('inspections >= MAX_INSPECTIONS', 'inspections >= 1e9'),
    },
    run: async (service) => {
      for (const { status } of await storm(service)) assert.equal(status, 200)
      return HARMLESS
    },
  },
}
