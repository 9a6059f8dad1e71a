/**
 * Technique: assigns to prototypes and functions that the engine uses.
 * Expected: ok.
 * Stopped by: all intrinsics are frozen before the strategy is linked. Behind it: engine state lies in null-prototype objects and typed arrays; the host computes the result again.
 * Without the freezing of intrinsics: strategy_error(threw).
 */
import assert from 'node:assert/strict'
import { type CellAttack, hostileTwin } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '50-prototype-patching',
  where: 'realm',
  family: 'integrity',
  technique: 'assigns to prototypes and functions that the engine uses',
  stoppedBy: 'all intrinsics are frozen before the strategy is linked',
  behind: 'engine state lies in null-prototype objects and typed arrays; the host computes the result again',
  expect: { kind: 'ok', reason: null },
  source: hostileTwin(String.raw`
      const original = JSON.stringify
      for (const [holder, names] of [
        [JSON, ['parse', 'stringify']],
        [Array.prototype, ['push', 'map', 'sort', 'slice', Symbol.iterator]],
        [Object, ['keys', 'defineProperty', 'hasOwn', 'freeze']],
        [Object.prototype, ['toJSON', 'signal', 'then', 'get', 'bar', 'length']],
        [Math, ['max', 'min', 'floor', 'random', 'pow']],
        [Number, ['isFinite', 'isSafeInteger']],
        [Function.prototype, ['call', 'apply', 'bind']],
        [Float64Array.prototype, ['set', 'fill', 'subarray']],
        [Promise.prototype, ['then']],
        [Reflect, ['ownKeys', 'get']],
        [String.prototype, ['slice', 'charCodeAt']],
        [globalThis, ['JSON', 'Array', 'Math', 'Float64Array', 'undefined', 'brandNew']],
        [BaseStrategy.prototype, ['reset', 'setParams']],
        [BaseStrategy, ['brandNew']],
      ])
        for (const name of names) attempt(String(name), () => { holder[name] = () => { throw 1 }; return 'patched' })
      delete found.brandNew
      if (JSON.stringify !== original) found.replaced = 'got it'
`),
  check: ({ report, decisions, outcomeHash, twin }) => {
    assert.ok(Object.keys(report).length > 30)
    assert.deepEqual([...new Set(Object.values(report))], ['blocked'])
    assert.deepEqual(decisions, twin.decisions)
    assert.equal(outcomeHash, twin.outcomeHash)
  },
  ablated: {
    off: 'the freezing of intrinsics',
    expect: { kind: 'strategy_error', reason: 'threw' },
    cell: {
      'runner-image/realm/intrinsics.ts': replaceOnce('for (const object of pending) Object.freeze(object)', ''),
    },
    check: ({ end }) => assert.equal(end.verdict?.type, 'claimed'),
  },
}
