/**
 * Technique: sends a configuration of a million nested brackets, and one of a million values.
 * Expected: refused(invalid_config).
 * Stopped by: depth and count of values, before anything is parsed. Behind it: the schema of configurations; size limit of bodies.
 * Without the limits of depth and count: refused(invalid_config).
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { refusedWith } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '121-nested-body',
  where: 'client',
  family: 'submissions',
  technique: 'sends a configuration of a million nested brackets, and one of a million values',
  stoppedBy: 'depth and count of values, before anything is parsed',
  behind: 'the schema of configurations; size limit of bodies',
  expect: { kind: 'refused', reason: 'invalid_config' },
  run: async (service) => {
    const deep = `${'['.repeat(1e6)}${']'.repeat(1e6)}`
    const wide = `[${'1,'.repeat(1e6)}1]`
    const answers = []
    for (const raw of [deep, wide, `{"strategy":${deep}}`, `{"symbols":${wide}}`])
      answers.push(await service.request('POST', '/v1/backtests', { raw }))
    for (const { status } of answers) assert.equal(status, answers[0]!.status)
    return refusedWith(answers.at(-1)!)
  },
  ablated: {
    off: 'the limits of depth and count',
    expect: { kind: 'refused', reason: 'invalid_config' },
    host: {
      'orchestrator-service/api/plugins/bodies.ts': replaceOnce(
        'maxDepth: 16, maxValues: 25_000',
        'maxDepth: 1e9, maxValues: 1e9',
      ),
    },
  },
}
