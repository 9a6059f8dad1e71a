/**
 * Technique: follows its job on hundreds of connections and reads nothing of them.
 * Expected: refused(too_many_followers).
 * Stopped by: a bound of followers, with 429. Behind it: who takes nothing is cut off; nothing is read ahead of him.
 * Without the bound of followers: harmless.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { type AttackedService, backtestOf, HARMLESS } from '../support/attack-client.ts'

const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class Slow extends BaseStrategy {
  decide() {
    for (let i = 0; i < 3e6; i++);
    return null
  }
}
`

async function hoard(service: AttackedService): Promise<string[]> {
  const { json } = await service.request('POST', '/v1/backtests', { body: backtestOf(SOURCE) })
  const id = String(json['id'])
  const head = `GET /v1/backtests/${id}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${service.keys.mallory}\r\n\r\n`
  const connections = await Promise.all(Array.from({ length: 150 }, () => service.open(head)))
  const answers = await Promise.all(connections.map((one) => one.first(20_000)))
  for (const { socket } of connections) socket.destroy()
  await service.request('POST', `/v1/backtests/${id}/cancel`)
  await service.waitForEnd(id, service.keys.mallory)
  return answers
}

export const attack: ClientAttack = {
  name: '134-follower-hoard',
  where: 'client',
  family: 'service',
  technique: 'follows its job on hundreds of connections and reads nothing of them',
  stoppedBy: 'a bound of followers, with 429',
  behind: 'who takes nothing is cut off; nothing is read ahead of him',
  expect: { kind: 'refused', reason: 'too_many_followers' },
  env: { HOTCELL_CONCURRENCY: '1' },
  maxMs: 60_000,
  run: async (service) => {
    const answers = await hoard(service)
    const refused = answers.filter((answer) => !/ 200 /.test(answer))
    assert.ok(refused.length >= 40)
    return { kind: 'refused', reason: /"code":"(\w+)"/.exec(refused[0]!)?.[1] ?? null }
  },
  ablated: {
    off: 'the bound of followers',
    expect: { kind: 'harmless', reason: null },
    host: {
      'orchestrator-service/api/create-server.ts': replaceOnce('MAX_FOLLOWERS = 100', 'MAX_FOLLOWERS = 100_000'),
    },
    run: async (service) => {
      const answers = await hoard(service)
      assert.ok(answers.every((answer) => / 200 /.test(answer)))
      return HARMLESS
    },
  },
}
