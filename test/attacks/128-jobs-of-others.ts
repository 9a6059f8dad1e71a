/**
 * Technique: reads, cancels, deletes, verifies and follows another user's job on every route, and lists it.
 * Expected: refused(unknown_run).
 * Stopped by: one look-up of jobs for all routes, which finds only own ones for a user. Behind it: every answer and every refusal is the same as for a job that is not there.
 * Single layer: who may see a job is decided in one place, on every route; the access table of the API tests holds it.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'

export const attack: ClientAttack = {
  name: '128-jobs-of-others',
  where: 'client',
  family: 'service',
  technique: `reads, cancels, deletes, verifies and follows another user's job on every route, and lists it`,
  stoppedBy: 'one look-up of jobs for all routes, which finds only own ones for a user',
  behind: 'every answer and every refusal is the same as for a job that is not there',
  expect: { kind: 'refused', reason: 'unknown_run' },
  run: async (service) => {
    const id = await service.jobOfAlice()
    const codes = new Set<unknown>()
    const bodies = new Set<string>()
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/result'],
      ['GET', '/trades'],
      ['GET', '/equity'],
      ['GET', '/fills'],
      ['GET', '/orders'],
      ['GET', '/report.html'],
      ['GET', '/logs'],
      ['GET', '/events'],
      ['POST', '/cancel'],
      ['POST', '/verify'],
      ['DELETE', ''],
    ] as const) {
      const answer = await service.request(method, `/v1/backtests/${id}${path}`)
      codes.add(answer.json['code'])
      bodies.add(String(answer.json['detail']).replaceAll(id, 'ID'))
      const missing = await service.request(method, `/v1/backtests/nosuch-job${path}`)
      bodies.add(String(missing.json['detail']).replaceAll('nosuch-job', 'ID'))
    }
    assert.deepEqual([...codes], ['unknown_run'])
    assert.equal(bodies.size, 1)
    const list = await service.request('GET', '/v1/backtests?limit=200')
    assert.deepEqual(list.json['jobs'], [])
    assert.equal((await service.request('GET', '/v1/backtests?owner=alice')).status, 403)
    assert.equal((await service.waitForEnd(id, service.keys.alice))['state'], 'completed')
    return { kind: 'refused', reason: 'unknown_run' }
  },
  singleLayer: 'who may see a job is decided in one place, on every route; the access table of the API tests holds it',
}
