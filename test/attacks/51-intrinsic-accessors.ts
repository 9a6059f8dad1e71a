/**
 * Technique: plants accessors on every intrinsic prototype and index, to be handed objects of the engine.
 * Expected: ok.
 * Stopped by: all intrinsics are frozen and cannot be extended. Behind it: engine state lies in null-prototype objects and typed arrays.
 * Without the freezing of intrinsics: ok.
 */
import assert from 'node:assert/strict'
import { type CellAttack, hostileTwin } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '51-intrinsic-accessors',
  where: 'realm',
  family: 'integrity',
  technique: 'plants accessors on every intrinsic prototype and index, to be handed objects of the engine',
  stoppedBy: 'all intrinsics are frozen and cannot be extended',
  behind: 'engine state lies in null-prototype objects and typed arrays',
  expect: { kind: 'ok', reason: null },
  source: hostileTwin(String.raw`
      const leaked = []
      const holders = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Set.prototype, String.prototype,
        Float64Array.prototype, Object.getPrototypeOf(Float64Array.prototype), Object.getPrototypeOf(Float64Array), Promise.prototype, Error.prototype, Error, Array, Object]
      const keys = [0, 1, '0', 'length', 'signal', 'symbol', 'bar', 'rows', 'value', 'get', 'set', 'writable', 'then', 'toJSON',
        'constructor', 'prepareStackTrace', 'stackTraceLimit', Symbol.species, Symbol.iterator, Symbol.toPrimitive, Symbol.unscopables]
      let planted = 0
      for (const holder of holders)
        for (const key of keys)
          try {
            Object.defineProperty(holder, key, { configurable: true, get() { leaked.push(this) }, set(value) { leaked.push(this, value) } })
            planted++
          } catch {}
      found.planted = planted
      found.leaked = leaked.length
      attempt('setPrototypeOf', () => Object.setPrototypeOf(Array.prototype, new Proxy({}, {})))
      attempt('proto', () => { Object.prototype.__proto__ = {} ; return 1 })
`),
  check: ({ report, decisions, outcomeHash, twin }) => {
    assert.deepEqual(report, { planted: 0, leaked: 0, setPrototypeOf: 'blocked', proto: 'blocked' })
    assert.deepEqual(decisions, twin.decisions)
    assert.equal(outcomeHash, twin.outcomeHash)
  },
  ablated: {
    off: 'the freezing of intrinsics',
    expect: { kind: 'ok', reason: null },
    cell: {
      'runner-image/realm/intrinsics.ts': replaceOnce('for (const object of pending) Object.freeze(object)', ''),
    },
    check: ({ report, decisions, outcomeHash, twin }) => {
      assert.equal(report['leaked'], 0)
      assert.deepEqual(decisions, twin.decisions)
      assert.equal(outcomeHash, twin.outcomeHash)
    },
  },
}
