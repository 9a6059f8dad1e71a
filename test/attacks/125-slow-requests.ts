/**
 * Technique: opens a hundred connections and sends heads and bodies a byte at a time.
 * Expected: refused(request_timeout).
 * Stopped by: time limit of heads (10 s). Behind it: time limit of requests (30 s); connections cost no thread.
 * Without the time limit of heads (that of requests is shortened to 6 s): refused(request_timeout).
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: ClientAttack = {
  name: '125-slow-requests',
  where: 'client',
  family: 'service',
  technique: 'opens a hundred connections and sends heads and bodies a byte at a time',
  stoppedBy: 'time limit of heads (10 s)',
  behind: 'time limit of requests (30 s); connections cost no thread',
  expect: { kind: 'refused', reason: 'request_timeout' },
  maxMs: 60_000,
  run: async (service) => {
    const slow = await Promise.all(
      Array.from({ length: 100 }, (_, i) => service.open(`GET /v1/backtests HTTP/1.1\r\nhost: x\r\nx-${i}: `)),
    )
    const drip = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write('a')
    }, 500)
    const before = performance.now()
    const answer = await service.request('GET', '/v1/backtests')
    assert.equal(answer.status, 200)
    assert.ok(performance.now() - before < 3000)
    const ends = await Promise.all(slow.map((one) => one.received(20_000)))
    clearInterval(drip)
    for (const end of ends) assert.match(end, / 408 /)
    return { kind: 'refused', reason: /"code":"(\w+)"/.exec(ends[0]!)?.[1] ?? null }
  },
  ablated: {
    off: 'the time limit of heads (that of requests is shortened to 6 s)',
    expect: { kind: 'refused', reason: 'request_timeout' },
    host: {
      'orchestrator-service/api/create-server.ts': (text) =>
        replaceOnce(
          'HEADERS_TIMEOUT_MS = 10_000',
          'HEADERS_TIMEOUT_MS = 6_000',
        )(replaceOnce('REQUEST_TIMEOUT_MS = 30_000', 'REQUEST_TIMEOUT_MS = 6_000')(text)),
    },
  },
}
