/**
 * Technique: sends bodies that are larger than allowed, with an honest length, a false one and none at all.
 * Expected: refused(body_too_large).
 * Stopped by: size limit of bodies (4 MiB), counted while they come. Behind it: size limit of files in a configuration (1 MiB).
 * Without the size limit of bodies: refused(invalid_config).
 */
import assert from 'node:assert/strict'
import type { ClientAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'
import { backtestOf, refusedWith } from '../support/attack-client.ts'

export const attack: ClientAttack = {
  name: '123-oversized-bodies',
  where: 'client',
  family: 'service',
  technique: 'sends bodies that are larger than allowed, with an honest length, a false one and none at all',
  stoppedBy: 'size limit of bodies (4 MiB), counted while they come',
  behind: 'size limit of files in a configuration (1 MiB)',
  expect: { kind: 'refused', reason: 'body_too_large' },
  run: async (service) => {
    const { host } = new URL(service.url)
    const head = `POST /v1/backtests HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${service.keys.mallory}\r\ncontent-type: application/json\r\n`
    const endless = await service.open(`${head}transfer-encoding: chunked\r\n\r\n`)
    const chunk = `100000\r\n${' '.repeat(2 ** 20)}\r\n`
    for (let i = 0; i < 64 && !endless.socket.destroyed; i++) endless.socket.write(chunk)
    assert.match(await endless.received(5000), / 413 /)
    const claimed = await service.open(`${head}content-length: 99999999999\r\n\r\n{`)
    assert.match(await claimed.received(5000), / 413 /)
    return refusedWith(await service.request('POST', '/v1/backtests', { body: backtestOf('x'.repeat(8 * 2 ** 20)) }))
  },
  ablated: {
    off: 'the size limit of bodies',
    expect: { kind: 'refused', reason: 'invalid_config' },
    host: { 'orchestrator-service/api/plugins/bodies.ts': replaceOnce('4 * 1024 * 1024', '400 * 1024 * 1024') },
    run: async (service) =>
      refusedWith(await service.request('POST', '/v1/backtests', { body: backtestOf('x'.repeat(8 * 2 ** 20)) })),
  },
}
