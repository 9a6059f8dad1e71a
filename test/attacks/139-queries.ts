/**
 * Technique: puts SQL, wildcards, foreign cursors and impossible numbers into the filters of lists.
 * Expected: refused(invalid_request).
 * Stopped by: the schema of queries. Behind it: values are bound to statements, never written into them; what a user sees is filtered by owner in the same statement.
 * Single layer: a bound value cannot be anything else: there is no check that could be left out.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { refusedWith } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '139-queries',
  where: 'client',
  family: 'service',
  technique: 'puts SQL, wildcards, foreign cursors and impossible numbers into the filters of lists',
  stoppedBy: 'the schema of queries',
  behind:
    'values are bound to statements, never written into them; what a user sees is filtered by owner in the same statement',
  expect: { kind: 'refused', reason: 'invalid_request' },
  run: async (service) => {
    await service.jobOfAlice()
    for (const value of [
      "' OR 1=1 --",
      "x' UNION SELECT * FROM keys --",
      '%',
      '_',
      '*',
      '\\',
      'a:b%',
      "CALMUSDT'; DROP TABLE jobs; --",
    ])
      for (const name of ['strategy', 'symbol', 'label']) {
        const { status, json } = await service.request('GET', `/v1/backtests?${name}=${encodeURIComponent(value)}`)
        if (status === 200) assert.deepEqual(json['jobs'], [])
        else assert.equal(status, 400)
      }
    const page = await service.request('GET', '/v1/backtests?limit=1', { secret: service.keys.alice })
    for (const query of [
      'limit=999999',
      'limit=-1',
      'limit=1e2',
      'limit[]=1',
      'cursor=..',
      `cursor=${'A'.repeat(190)}`,
      'state=nosuch',
      'from=never',
      'nosuch=1',
    ])
      assert.equal((await service.request('GET', `/v1/backtests?${query}`)).status, 400, query)
    const cursor = page.json['cursor']
    if (typeof cursor === 'string')
      assert.deepEqual(
        (await service.request('GET', `/v1/backtests?cursor=${encodeURIComponent(cursor)}`)).json['jobs'],
        [],
      )
    assert.equal((await service.request('GET', '/v1/backtests', { secret: service.keys.alice })).status, 200)
    return refusedWith(await service.request('GET', '/v1/backtests?limit=999999'))
  },
  singleLayer: 'a bound value cannot be anything else: there is no check that could be left out',
}
