/**
 * Technique: puts line feeds, escape sequences and JSON into paths, headers, keys and labels, for whoever reads the log of the service.
 * Expected: harmless.
 * Stopped by: the log of the service is JSON, one line an entry, in which texts are strings. Behind it: of a request only method, route, status and ids are logged.
 * Single layer: a text inside of JSON cannot be anything else: there is no check that could be left out.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { backtestOf, HARMLESS } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '130-service-log-injection',
  where: 'client',
  family: 'service',
  technique:
    'puts line feeds, escape sequences and JSON into paths, headers, keys and labels, for whoever reads the log of the service',
  stoppedBy: 'the log of the service is JSON, one line an entry, in which texts are strings',
  behind: 'of a request only method, route, status and ids are logged',
  expect: { kind: 'harmless', reason: null },
  env: { HOTCELL_LOG_LEVEL: 'info' },
  run: async (service) => {
    const evil = '\\u001b[2J\\r\\n{"level":50,"msg":"forged"}'
    await service.request('GET', `/v1/backtests/${encodeURIComponent('\u001b[31m\r\n{"level":50,"msg":"forged"}')}`)
    await service.request('GET', `/nowhere/%0d%0a%1b[31mforged`)
    await service.request('GET', '/v1/backtests', { headers: { 'user-agent': evil, 'x-request-id': evil } })
    await service.request('GET', '/v1/backtests', { secret: `hk_forged${evil.replaceAll(/[^a-z]/g, '')}` })
    await service.request('POST', '/v1/backtests', {
      body: backtestOf('x', { options: { labels: { desk: '\u001b[31m\r\nforged' } } }),
    })
    const raw = await service.open('GET / HTTP/1.1\r\nhost: x\r\nbad\u001b[31mheader\r\n\r\n')
    await raw.received(3000)
    const lines = service
      .said()
      .split('\n')
      .filter((line) => line.includes('"level"'))
    assert.ok(lines.length >= 4)
    for (const line of lines) assert.notEqual((JSON.parse(line) as { msg?: string }).msg, 'forged')
    assert.doesNotMatch(service.said().replaceAll('\n', ''), /\p{Cc}/u)
    return HARMLESS
  },
  singleLayer: 'a text inside of JSON cannot be anything else: there is no check that could be left out',
}
