/**
 * Technique: writes one line of 1 GB to stderr, without a line feed.
 * Expected: limit_exceeded(output).
 * Stopped by: byte cap on the host (8 MiB). Behind it: a line over 64 KiB is never parsed; its text is kept to 1,024 characters.
 * Without the cap of stderr: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '24-one-endless-line',
  where: 'open',
  family: 'output',
  technique: 'writes one line of 1 GB to stderr, without a line feed',
  stoppedBy: 'byte cap on the host (8 MiB)',
  behind: 'a line over 64 KiB is never parsed; its text is kept to 1,024 characters',
  expect: { kind: 'limit_exceeded', reason: 'output' },
  source: String.raw`
const chunk = Buffer.alloc(2 ** 20, '{')
for (let i = 0; i < 1024; i++) attack.writeAll(2, chunk)
`,
  check: ({ end }) => {
    assert.ok((end.exit?.usage.stderrBytes ?? 0) < 64 * 2 ** 20)
    for (const { text } of end.exit?.logs ?? []) assert.ok(text.length < 1100)
  },
  ablated: {
    off: 'the cap of stderr',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { logBytes: 2 ** 30, wallTimeMs: 2000 },
    source: String.raw`
const chunk = Buffer.alloc(2 ** 20, '{')
for (let i = 0; i < 256; i++) attack.writeAll(2, chunk)
setInterval(() => {}, 1000)
`,
    check: ({ end }) => {
      for (const { text } of end.exit?.logs ?? []) assert.ok(text.length < 1100)
    },
  },
}
