/**
 * Technique: sends what two readers of HTTP would read differently: two lengths, a length and chunks, folded and bare heads, other protocols.
 * Expected: refused(invalid_request).
 * Stopped by: Node's strict parser of HTTP; each refusal closes the connection. Behind it: nothing stands in front of the service that would read otherwise; each request carries its own key.
 * Single layer: there is one reader of HTTP, and it is not ours.
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'

export const attack: ClientAttack = {
  name: '135-smuggled-requests',
  where: 'client',
  family: 'service',
  technique:
    'sends what two readers of HTTP would read differently: two lengths, a length and chunks, folded and bare heads, other protocols',
  stoppedBy: `Node's strict parser of HTTP; each refusal closes the connection`,
  behind: 'nothing stands in front of the service that would read otherwise; each request carries its own key',
  expect: { kind: 'refused', reason: 'invalid_request' },
  run: async (service) => {
    const key = `authorization: Bearer ${service.keys.mallory}`
    const inner = 'GET /v1/admin/keys HTTP/1.1\r\nhost: x\r\n\r\n'
    const answers = []
    for (const request of [
      `POST /v1/backtests HTTP/1.1\r\nhost: x\r\n${key}\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      `POST /v1/backtests HTTP/1.1\r\nhost: x\r\n${key}\r\ncontent-length: 0\r\ncontent-length: ${inner.length}\r\n\r\n${inner}`,
      `GET /health/live HTTP/1.1\r\nhost: x\r\nx: a\r\n folded: b\r\nx y: z\r\n\r\n`,
      `GET /health/live HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n`,
      `GET /health/live HTTP/9.9\r\nhost: x\r\n\r\n`,
      `\u0016\u0003\u0001\u0002\u0000TLS`,
    ]) {
      const answer = await (await service.open(request)).received(3000)
      assert.match(answer, /^HTTP\/1\.1 400 /, request.slice(0, 60))
      assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1)
      answers.push(answer)
    }
    return { kind: 'refused', reason: /"code":"(\w+)"/.exec(answers[0]!)?.[1] ?? null }
  },
  singleLayer: 'there is one reader of HTTP, and it is not ours',
}
