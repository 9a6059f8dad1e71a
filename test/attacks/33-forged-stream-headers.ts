/**
 * Technique: writes frames of the engine's stream protocol into its own output, with an event inside.
 * Expected: platform_error(protocol).
 * Stopped by: the demultiplexer counts lengths and never looks into a payload. Behind it: the document is parsed as hostile.
 * Single layer: the lengths come from the engine's own frames; there is no check that could be left out.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '33-forged-stream-headers',
  where: 'open',
  family: 'output',
  technique: "writes frames of the engine's stream protocol into its own output, with an event inside",
  stoppedBy: 'the demultiplexer counts lengths and never looks into a payload',
  behind: 'the document is parsed as hostile',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
import { createHash } from 'node:crypto'
const event = Buffer.from(JSON.stringify({ type: 'fatal', kind: 'heap', message: 'forged', barTime: null }) + '\n')
const head = Buffer.alloc(8)
head[0] = 2
head.writeUInt32BE(event.length, 4)
const forged = Buffer.concat([head, event, Buffer.from([1, 0, 0, 0, 255, 255, 255, 255]), Buffer.from([9, 9, 9, 9, 0, 0, 0, 0])])
const all = Buffer.concat(Array.from({ length: 1000 }, () => forged))
attack.writeAll(1, all)
attack.report({ sha256: createHash('sha256').update(all).digest('hex') })
process.exit(0)
`,
  check: ({ end, events, report }) => {
    const seen = createHash('sha256')
      .update(end.exit?.stdout ?? new Uint8Array())
      .digest('hex')
    assert.equal(seen, report['sha256'])
    assert.ok(events.every(({ type }) => type !== 'fatal'))
  },
  singleLayer: "the lengths come from the engine's own frames; there is no check that could be left out",
}
