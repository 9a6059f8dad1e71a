/**
 * Technique: makes itself an administrator: admin routes, other spellings of them, forged headers, an auditor who changes things.
 * Expected: refused(forbidden).
 * Stopped by: the role is looked at before anything else of a request is read. Behind it: roles are stored with keys, and nothing of a request can name one.
 * Single layer: who may use a route is decided in one place, before the request is read; a route that does not say who may use it cannot be added.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { refusedWith } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '129-role-escalation',
  where: 'client',
  family: 'service',
  technique:
    'makes itself an administrator: admin routes, other spellings of them, forged headers, an auditor who changes things',
  stoppedBy: 'the role is looked at before anything else of a request is read',
  behind: 'roles are stored with keys, and nothing of a request can name one',
  expect: { kind: 'refused', reason: 'forbidden' },
  run: async (service) => {
    const body = { owner: 'mallory', role: 'admin' }
    const answer = await service.request('POST', '/v1/admin/keys', { body })
    for (const path of ['/v1/admin/keys', '/v1/admin/audit', '/v1/admin/logs', '/v1/admin/cells'])
      assert.equal((await service.request('GET', path)).status, 403)
    for (const path of [
      '/v1//admin/keys',
      '/v1/admin/keys/',
      '/V1/ADMIN/KEYS',
      '/v1/./admin/keys',
      '/v1/admin/%6beys',
      '/v1/backtests/../admin/keys',
      '/v1/admin/keys;x',
      '/v1/admin/keys%2f',
    ])
      assert.ok([403, 404, 405].includes((await service.request('GET', path)).status), path)
    for (const headers of [
      { 'x-role': 'admin' },
      { 'x-forwarded-user': 'admin' },
      { 'x-http-method-override': 'GET' },
      { 'x-original-url': '/health/live' },
      { cookie: 'role=admin' },
    ])
      assert.equal((await service.request('POST', '/v1/admin/keys', { body, headers: { ...headers } })).status, 403)
    const auditor = { secret: service.keys.auditor }
    for (const [method, path] of [
      ['POST', '/v1/admin/keys'],
      ['POST', '/v1/admin/prune'],
      ['POST', '/v1/backtests'],
    ] as const)
      assert.equal((await service.request(method, path, { ...auditor, body })).status, 403)
    const { json } = await service.request('GET', '/v1/admin/keys', auditor)
    assert.equal(
      (json['keys'] as { owner: string; role: string }[]).filter(
        ({ owner, role }) => owner === 'mallory' && role !== 'user',
      ).length,
      0,
    )
    return refusedWith(answer)
  },
  singleLayer:
    'who may use a route is decided in one place, before the request is read; a route that does not say who may use it cannot be added',
}
