/**
 * Technique: uses NUL, direction marks, escape sequences and 4 KiB of text as symbols, labels, classes and seeds.
 * Expected: refused(invalid_config).
 * Stopped by: form and length of every text in the schema of configurations. Behind it: names are never paths, container names, labels or arguments; they are escaped where they are shown.
 * Without the form of symbols: refused(platform_error).
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { backtestOf, refusedWith } from '../support/attack-client.ts'

const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide() {
    return null
  }
}
`

export const attack: ClientAttack = {
  name: '124-names-and-labels',
  where: 'client',
  family: 'submissions',
  technique: 'uses NUL, direction marks, escape sequences and 4 KiB of text as symbols, labels, classes and seeds',
  stoppedBy: 'form and length of every text in the schema of configurations',
  behind: 'names are never paths, container names, labels or arguments; they are escaped where they are shown',
  expect: { kind: 'refused', reason: 'invalid_config' },
  run: async (service) => {
    const long = 'x'.repeat(4096)
    let last = await service.request('GET', '/v1/backtests')
    for (const changes of [
      { symbols: ['../../../etc/passwd'] },
      { symbols: ['A\0B'] },
      { symbols: [long] },
      { symbols: ['\u202EBTC'] },
      { options: { labels: { ['a\0b']: 'x' } } },
      { options: { labels: { desk: long } } },
      { options: { labels: { [long]: 'x' } } },
      { options: { policy: '../default' } },
      { strategy: { module: 'main.ts', class: 'a b\u001b[31m' } },
      { strategy: { module: '../main.ts' } },
      { seed: long },
      { strategy: { module: 'main.ts', params: { deep: { er: 1 } } } },
    ]) {
      last = await service.request('POST', '/v1/backtests', { body: backtestOf(SOURCE, changes) })
      assert.equal(last.status, 400, JSON.stringify(changes).slice(0, 80))
    }
    return refusedWith(last)
  },
  ablated: {
    off: 'the form of symbols',
    expect: { kind: 'refused', reason: 'platform_error' },
    host: {
      'src/protocol/backtest-config.ts': replaceOnce(
        'symbols: Type.Array(Type.String({ pattern: SYMBOL_PATTERN })',
        'symbols: Type.Array(Type.String()',
      ),
    },
    run: async (service) => {
      const { json } = await service.request('POST', '/v1/backtests', {
        body: backtestOf(SOURCE, { symbols: ['../../../etc/passwd'] }),
      })
      const { outcome } = await service.waitForEnd(String(json['id']), service.keys.mallory)
      return { kind: 'refused', reason: (outcome as { kind: string }).kind }
    },
  },
}
