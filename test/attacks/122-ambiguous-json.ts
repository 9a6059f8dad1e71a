/**
 * Technique: sends configurations that two readers would read differently: keys twice, __proto__, 1e999, bad UTF-8, lone surrogates, comments.
 * Expected: refused(invalid_config).
 * Stopped by: the strict reader of JSON. Behind it: the schema of configurations, without unknown fields.
 * Without the refusal of __proto__ and of keys that stand twice: refused(invalid_config).
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { refusedWith } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '122-ambiguous-json',
  where: 'client',
  family: 'submissions',
  technique:
    'sends configurations that two readers would read differently: keys twice, __proto__, 1e999, bad UTF-8, lone surrogates, comments',
  stoppedBy: 'the strict reader of JSON',
  behind: 'the schema of configurations, without unknown fields',
  expect: { kind: 'refused', reason: 'invalid_config' },
  run: async (service) => {
    const rest = '"strategy":{"builtin":"SmaCrossover"},"symbols":["NOSUCH"],"interval":"1h"'
    const bodies = [
      `{${rest},"options":{"policy":"trusted","policy":"nosuch"}}`,
      `{"__proto__":{"options":{}},${rest}}`,
      `{${rest},"constructor":{"prototype":{}}}`,
      `{${rest},"initialCash":1e999}`,
      `{${rest},/* hidden */"seed":"x"}`,
      Buffer.concat([Buffer.from(`{${rest},"seed":"`), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
      `{${rest}}{}`,
    ]
    let last = await service.request('GET', '/v1/backtests')
    for (const raw of bodies) {
      last = await service.request('POST', '/v1/backtests', { raw })
      assert.equal(last.status, 400, String(raw).slice(-60))
      assert.equal(Object.hasOwn(Object.prototype, 'options'), false)
    }
    return refusedWith(last)
  },
  ablated: {
    off: 'the refusal of __proto__ and of keys that stand twice',
    expect: { kind: 'refused', reason: 'invalid_config' },
    host: {
      'src/protocol/strict-json.ts': (text) =>
        replaceOnce(
          "if (key === '__proto__')",
          'if (false)',
        )(replaceOnce('if (level.keys.has(key))', 'if (false)')(text)),
    },
  },
}
