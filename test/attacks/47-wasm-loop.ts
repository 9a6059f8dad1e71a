/**
 * Technique: compiles a WebAssembly module that loops for ever, which no interruption of JavaScript sees.
 * Expected: limit_exceeded(no_event).
 * Stopped by: the realm has no WebAssembly; behind a broken realm the host counts the time without an event. Behind it: wall time; CPU quota.
 * Without the clock of silence: limit_exceeded(wall_time).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '47-wasm-loop',
  where: 'open',
  family: 'resources',
  technique: 'compiles a WebAssembly module that loops for ever, which no interruption of JavaScript sees',
  stoppedBy: 'the realm has no WebAssembly; behind a broken realm the host counts the time without an event',
  behind: 'wall time; CPU quota',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 3000 },
  source: String.raw`// (func (export "f") (loop br 0))
const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11)
new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f()
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  ablated: {
    off: 'the clock of silence',
    expect: { kind: 'limit_exceeded', reason: 'wall_time' },
    policy: { noEventTimeMs: 600_000, wallTimeMs: 4000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
