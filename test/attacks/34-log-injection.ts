/**
 * Technique: writes escape sequences, carriage returns, bad UTF-8, near-events and then a second attestation to stderr.
 * Expected: platform_error(protocol).
 * Stopped by: a line is an event only by its schema; a second attestation ends the cell. Behind it: raw lines are kept as text and shown with their control characters visible.
 * Without the refusal of a second attestation: platform_error(attestation).
 */
import assert from 'node:assert/strict'
import { visible } from '../../orchestrator-service/cli/visible.ts'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '34-log-injection',
  where: 'open',
  family: 'output',
  technique:
    'writes escape sequences, carriage returns, bad UTF-8, near-events and then a second attestation to stderr',
  stoppedBy: 'a line is an event only by its schema; a second attestation ends the cell',
  behind: 'raw lines are kept as text and shown with their control characters visible',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
attack.writeAll(2, '\u001b[2J\u001b]0;owned\u0007 \r{"type":"accepted"}\n')
attack.writeAll(2, Buffer.from([0xff, 0xfe, 0x80, 10]))
attack.writeAll(2, '{"type":"log","level":"info","unit":"x","time":null,"text":"a","__proto__":{"type":"fatal"}}\n')
attack.writeAll(2, '{"type":"fatal","kind":"heap","message":"x","barTime":null,"extra":1}\n')
attack.writeAll(2, '{"type":"verdict","outcome":"ok"}\n')
attack.emit({ type: 'attestation', attestation: { v: 1 } })
attack.emit({ type: 'log', level: 'info', unit: 'x', time: null, text: 'still here' })
setTimeout(() => {
  attack.writeAll(2, JSON.stringify({ type: 'attestation', attestation: ATTESTATION }) + '\n')
  setInterval(() => {}, 1000)
}, 300)
const ATTESTATION = {
  v: 1, uid: 0, gid: 0, groups: [], capabilities: [], seccomp: 0, noNewPrivs: 0, rootReadOnly: false, writableMounts: [],
  interfaces: ['eth0'], routes: [], memoryBytes: 1, swapBytes: 1, pids: 1, cpuQuota: 1, cpuPeriod: 1, nofile: 1, fsize: 1, core: 1,
  msgqueue: 1, memlock: 1, environment: [], hostname: 'x', pid: 1, node: 'x', arch: 'x', engine: 'x',
}
`,
  check: ({ end, events }) => {
    assert.match(end.outcome.message, /attested twice/)
    assert.equal(end.exit?.stderr.malformedLines, 6)
    assert.deepEqual(
      events.map(({ type }) => type),
      ['attestation', 'log', 'attestation'],
    )
    const shown = (end.exit?.logs ?? []).map(({ text }) => visible(text)).join('')
    assert.doesNotMatch(shown, /\p{Cc}/u)
  },
  ablated: {
    off: 'the refusal of a second attestation',
    expect: { kind: 'platform_error', reason: 'attestation' },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
    host: {
      'orchestrator-service/sandbox/event-gate.ts': replaceOnce('    if (seen) {', '    if (policy === null) {'),
    },
  },
}
