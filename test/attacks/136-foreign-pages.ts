/**
 * Technique: is a page in the browser of a user: forms without a preflight, foreign origins, a name that points to this machine.
 * Expected: refused(unsupported_media_type).
 * Stopped by: bodies are JSON by their type, which no form can send. Behind it: a request without a key is nobody's, and browsers keep no key; no answer allows an origin.
 * Without the refusal of other types of bodies: refused(unauthorized).
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { backtestOf, refusedWith } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '136-foreign-pages',
  where: 'client',
  family: 'service',
  technique:
    'is a page in the browser of a user: forms without a preflight, foreign origins, a name that points to this machine',
  stoppedBy: 'bodies are JSON by their type, which no form can send',
  behind: `a request without a key is nobody's, and browsers keep no key; no answer allows an origin`,
  expect: { kind: 'refused', reason: 'unsupported_media_type' },
  run: async (service) => {
    const raw = JSON.stringify(backtestOf('x'))
    let last = await service.request('GET', '/v1/backtests')
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      last = await service.request('POST', '/v1/backtests', {
        raw,
        headers: { 'content-type': type, origin: 'http://evil.example' },
      })
      assert.equal(last.status, 415)
    }
    const read = await service.request('GET', '/v1/backtests', {
      secret: null,
      headers: { origin: 'http://evil.example' },
    })
    assert.equal(read.status, 401)
    const preflight = await service.request('OPTIONS', '/v1/backtests', {
      secret: null,
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    })
    for (const { headers } of [last, read, preflight]) {
      assert.equal(headers.get('access-control-allow-origin'), null)
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
    }
    return refusedWith(last)
  },
  ablated: {
    off: 'the refusal of other types of bodies',
    expect: { kind: 'refused', reason: 'unauthorized' },
    host: {
      'orchestrator-service/api/plugins/bodies.ts': replaceOnce(
        `addContentTypeParser('application/json'`,
        `addContentTypeParser(['application/json', 'text/plain']`,
      ),
    },
    run: async (service) => {
      const answer = await service.request('POST', '/v1/backtests', {
        secret: null,
        raw: '{}',
        headers: { 'content-type': 'text/plain', origin: 'http://evil.example' },
      })
      return refusedWith(answer)
    },
  },
}
