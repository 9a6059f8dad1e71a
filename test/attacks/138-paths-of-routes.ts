/**
 * Technique: asks for jobs, candles and reports by names that are paths: encoded parent folders, NUL, absolute, device names.
 * Expected: refused(unknown_run).
 * Stopped by: a job is looked up in the store before any file of it; symbols and intervals have a form. Behind it: paths are made of ids of our own form only.
 * Without the form of symbols in the route of candles: refused(invalid_request).
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { refusedWith } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '138-paths-of-routes',
  where: 'client',
  family: 'submissions',
  technique:
    'asks for jobs, candles and reports by names that are paths: encoded parent folders, NUL, absolute, device names',
  stoppedBy: 'a job is looked up in the store before any file of it; symbols and intervals have a form',
  behind: 'paths are made of ids of our own form only',
  expect: { kind: 'refused', reason: 'unknown_run' },
  run: async (service) => {
    const secret = service.keys.admin
    let last = await service.request('GET', '/v1/backtests')
    for (const id of [
      '..%2f..%2fservice.json',
      '%2e%2e%2f%2e%2e%2fhotcell.db',
      '..%5c..%5chotcell.db',
      'a%00b',
      '%2fetc%2fpasswd',
      'runs',
      '.',
      'CON',
    ])
      for (const part of ['', '/report.html', '/logs', '/result']) {
        last = await service.request('GET', `/v1/backtests/${id}${part}`, { secret })
        assert.ok([400, 404].includes(last.status), `${id}${part} ${last.status}`)
        assert.doesNotMatch(last.text, /root:|SQLite|"token"/)
      }
    for (const path of [
      '/v1/candles/..%2f..%2fservice.json/1h',
      '/v1/candles/%2e%2e/1h',
      '/v1/candles/CALMUSDT/..%2f..%2fx',
      '/v1/candles/a%00/1h',
      '//etc/passwd',
      '/../../etc/passwd',
      '/static/../hotcell.db',
    ]) {
      const answer = await service.request('GET', path, { secret })
      assert.ok([400, 404].includes(answer.status), `${path} ${answer.status}`)
      assert.doesNotMatch(answer.text, /root:|SQLite|"token"/)
    }
    return refusedWith(last)
  },
  ablated: {
    off: 'the form of symbols in the route of candles',
    expect: { kind: 'refused', reason: 'invalid_request' },
    host: {
      'orchestrator-service/api/routes/data.ts': replaceOnce(
        `symbol: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$', examples: ['BTCUSDT'] })`,
        'symbol: Type.String()',
      ),
    },
    run: async (service) => {
      const answer = await service.request('GET', '/v1/candles/..%2f..%2fservice.json/1h')
      assert.doesNotMatch(answer.text, /"token"/)
      return refusedWith(answer)
    },
  },
}
