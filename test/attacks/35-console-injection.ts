/**
 * Technique: logs line feeds, escape sequences and events as text.
 * Expected: ok.
 * Stopped by: log texts travel as JSON strings, one line each. Behind it: events are checked by schema; texts are shown with control characters visible.
 */
import assert from 'node:assert/strict'
import { type Attack, hostileTwin } from '../support/attack.ts'

export const attack: Attack = {
  name: '35-console-injection',
  where: 'realm',
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
}
