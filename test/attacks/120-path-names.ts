/**
 * Technique: names its files as paths out of the submission: parent folders, absolute, NUL, device names, direction marks, 4 KiB.
 * Expected: refused(invalid_config).
 * Stopped by: the form of file names in the schema of configurations. Behind it: a submitted name is never a path on the host, in the cell it is a key of a map.
 * Without the form of file names: harmless.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
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

const NAMES = [
  '../hotcell-escape.ts',
  '../../../../../../tmp/hotcell-escape.ts',
  '/tmp/hotcell-escape.ts',
  'a/../../hotcell-escape.ts',
  'C:\\escape.ts',
  '..\\escape.ts',
  'escape\0.ts',
  '\u202Eescape.ts',
  '%2e%2e/escape.ts',
  `${'e'.repeat(4096)}scape.ts`,
  'escape.ts/',
  '.escape.ts',
]

export const attack: ClientAttack = {
  name: '120-path-names',
  where: 'client',
  family: 'submissions',
  technique:
    'names its files as paths out of the submission: parent folders, absolute, NUL, device names, direction marks, 4 KiB',
  stoppedBy: 'the form of file names in the schema of configurations',
  behind: 'a submitted name is never a path on the host, in the cell it is a key of a map',
  expect: { kind: 'refused', reason: 'invalid_config' },
  maxMs: 90_000,
  run: async (service) => {
    const codes = new Set<unknown>()
    for (const name of NAMES) {
      const body = backtestOf(SOURCE, { files: { 'main.ts': SOURCE, [name]: 'export const x = 1' } })
      const answer = await service.request('POST', '/v1/backtests', { body })
      codes.add(answer.json['code'] ?? answer.status)
    }
    const files = readdirSync(service.dataDir, { recursive: true }).map(String)
    assert.ok(!files.some((file) => file.includes('escape')))
    assert.deepEqual([...codes], ['invalid_config'])
    return { kind: 'refused', reason: 'invalid_config' }
  },
  ablated: {
    off: 'the form of file names',
    expect: { kind: 'harmless', reason: null },
    host: {
      'src/protocol/backtest-config.ts': replaceOnce(
        'Type.String({ pattern: PATH_PATTERN, maxLength: 200 }), Type.String()',
        'Type.String(), Type.String()',
      ),
    },
    run: async (service) => {
      const taken: string[] = []
      for (const name of NAMES) {
        const answer = await service.request('POST', '/v1/backtests', {
          body: backtestOf(SOURCE, { files: { 'main.ts': SOURCE, [name]: 'export const x = 1' } }),
        })
        assert.ok(answer.status === 202 || answer.status === 400)
        if (answer.status === 202) taken.push(String(answer.json['id']))
      }
      assert.ok(taken.length > 5)
      for (const id of taken) await service.waitForEnd(id, service.keys.mallory)
      const files = readdirSync(service.dataDir, { recursive: true }).map(String)
      assert.ok(!files.some((file) => file.includes('escape')))
      return HARMLESS
    },
  },
}
