/**
 * Technique: claims a fatal end and goes on, so that the host takes it for dead.
 * Expected: limit_exceeded(memory).
 * Stopped by: the host ends the cell that it was told is lost. Behind it: wall time; the first cause wins.
 * Without the end of a cell that claims to be lost: limit_exceeded(no_event).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '86-fatal-forger',
  where: 'open',
  family: 'integrity',
  technique: 'claims a fatal end and goes on, so that the host takes it for dead',
  stoppedBy: 'the host ends the cell that it was told is lost',
  behind: 'wall time; the first cause wins',
  expect: { kind: 'limit_exceeded', reason: 'memory' },
  source: String.raw`attack.emit({ type: 'fatal', kind: 'heap', barTime: null, message: 'gone' })
setInterval(() => {}, 1000)
`,
  check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  ablated: {
    off: 'the end of a cell that claims to be lost',
    expect: { kind: 'limit_exceeded', reason: 'no_event' },
    host: {
      'orchestrator-service/sandbox/event-gate.ts': replaceOnce(
        `if (event.type === 'fatal') onEnd(mapFatal(event))`,
        '',
      ),
    },
    policy: { noEventTimeMs: 3000 },
    check: ({ end }) => assert.equal(end.outcome.killedBy, 'host'),
  },
}
