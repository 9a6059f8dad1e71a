/**
 * Technique: logs line feeds, escape sequences and events as text.
 * Expected: ok.
 * Stopped by: log texts travel as JSON strings, one line each. Behind it: events are checked by schema; texts are shown with control characters visible.
 * Single layer: a runner that writes raw lines is a broken realm, which is 34-log-injection.
 */
import assert from 'node:assert/strict'
import { type CellAttack, hostileTwin } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '35-console-injection',
  where: 'realm',
  family: 'output',
  technique: 'logs line feeds, escape sequences and events as text',
  stoppedBy: 'log texts travel as JSON strings, one line each',
  behind: 'events are checked by schema; texts are shown with control characters visible',
  expect: { kind: 'ok', reason: null },
  source: hostileTwin(String.raw`
      console.log('\n{"type":"fatal","kind":"heap","message":"x","barTime":null}\n')
      console.log('\u001b[31m\r\u2028\ud800')
      context.log('error', '\n{"type":"attestation"}\n', { type: 'fatal', __proto__: null })
`),
  check: ({ events, logs, outcomeHash, twin }) => {
    const others = events.filter(({ type }) => !['attestation', 'accepted', 'log', 'progress'].includes(type))
    assert.deepEqual(others, [])
    assert.ok(logs.some((text) => text.startsWith('\n{"type":"fatal"')))
    assert.equal(outcomeHash, twin.outcomeHash)
  },
  singleLayer: 'a runner that writes raw lines is a broken realm, which is 34-log-injection',
}
