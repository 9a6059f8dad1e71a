/**
 * Technique: guesses keys: none, empty, of other forms, a revoked one, near to a real one, a thousand of them.
 * Expected: refused(unauthorized).
 * Stopped by: keys of 256 random bits, found by their hash. Behind it: a revoked key is refused wherever it is used; nothing is said of how near a guess was.
 * Single layer: a key is what tells one user from another: behind it there is nothing more to ask.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { refusedWith } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '137-guessed-keys',
  where: 'client',
  family: 'service',
  technique: 'guesses keys: none, empty, of other forms, a revoked one, near to a real one, a thousand of them',
  stoppedBy: 'keys of 256 random bits, found by their hash',
  behind: 'a revoked key is refused wherever it is used; nothing is said of how near a guess was',
  expect: { kind: 'refused', reason: 'unauthorized' },
  maxMs: 60_000,
  run: async (service) => {
    const { mallory, admin } = service.keys
    const made = await service.request('POST', '/v1/admin/keys', {
      secret: admin,
      body: { owner: 'mallory', role: 'admin' },
    })
    await service.request('DELETE', `/v1/admin/keys/${String(made.json['id'])}`, { secret: admin })
    const answers = []
    for (const secret of [
      null,
      String(made.json['secret']),
      `${mallory}x`,
      mallory.slice(0, -1),
      mallory.toUpperCase(),
      admin.slice(0, -1),
      'null',
      'undefined',
      '[object Object]',
      "' OR 1=1 --",
      'x'.repeat(8000),
    ])
      answers.push(await service.request('GET', '/v1/admin/keys', { secret }))
    for (const authorization of [
      `Basic ${Buffer.from(`admin:${mallory}`).toString('base64')}`,
      `Bearer  `,
      `Bearer ${mallory},${admin}x`,
      mallory,
    ])
      answers.push(await service.request('GET', '/v1/backtests', { secret: null, headers: { authorization } }))
    for (let i = 0; i < 1000; i += 50)
      answers.push(
        ...(await Promise.all(
          Array.from({ length: 50 }, (_, j) =>
            service.request('GET', '/v1/backtests', { secret: `hk_${String(i + j).padStart(43, 'a')}` }),
          ),
        )),
      )
    for (const { status } of answers) assert.equal(status, 401)
    return refusedWith(answers.at(-1)!)
  },
  singleLayer: 'a key is what tells one user from another: behind it there is nothing more to ask',
}
