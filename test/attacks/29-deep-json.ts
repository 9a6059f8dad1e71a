/**
 * Technique: nests a million brackets.
 * Expected: platform_error(protocol).
 * Stopped by: depth limit of the parser of hostile JSON. Behind it: the parser is a worker with a memory limit.
 * Without the depth limit: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '29-deep-json',
  where: 'open',
  family: 'output',
  technique: 'nests a million brackets',
  stoppedBy: 'depth limit of the parser of hostile JSON',
  behind: 'the parser is a worker with a memory limit',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.accept()
attack.readSeries()
attack.writeAll(1, '{"v":1,"outcome":' + '['.repeat(1e6) + ']'.repeat(1e6) + '}')
process.exit(0)
`,
  check: ({ end }) => assert.equal(end.verdict?.type, 'failed'),
  ablated: {
    off: 'the depth limit',
    expect: { kind: 'platform_error', reason: 'protocol' },
    verifier: {
      'orchestrator-service/results/verify/parse-runner-result.ts': replaceOnce('maxDepth: 16', 'maxDepth: 1e9'),
    },
  },
}
