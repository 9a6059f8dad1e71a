/**
 * Technique: plants accessors on every intrinsic prototype and index, to be handed objects of the engine.
 * Expected: ok.
 * Stopped by: all intrinsics are frozen and cannot be extended. Behind it: engine state lies in null-prototype objects and typed arrays.
 */
import assert from 'node:assert/strict'
import { type Attack, hostileTwin } from '../support/attack.ts'

export const attack: Attack = {
  name: '51-intrinsic-accessors',
  where: 'realm',
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
}
