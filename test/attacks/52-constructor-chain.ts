/**
 * Technique: reaches for a function constructor through every chain that leads to one.
 * Expected: ok.
 * Stopped by: function constructors of all four kinds throw; eval and process are not there. Behind it: the realm is an isolate without any Node API; behind it the container.
 * Without the removal of function constructors: ok.
 */
import assert from 'node:assert/strict'
import { type CellAttack, hostileTwin } from '../support/attack.ts'
import { replaceOnce } from '../support/attack-changes.ts'

export const attack: CellAttack = {
  name: '52-constructor-chain',
  where: 'realm',
  family: 'integrity',
  technique: 'reaches for a function constructor through every chain that leads to one',
  stoppedBy: 'function constructors of all four kinds throw; eval and process are not there',
  behind: 'the realm is an isolate without any Node API; behind it the container',
  expect: { kind: 'ok', reason: null },
  source: hostileTwin(String.raw`
      const code = 'return globalThis.process ?? this'
      attempt('array', () => [].constructor.constructor(code)())
      attempt('method', () => this.decide.constructor(code)())
      attempt('generator', () => Object.getPrototypeOf(function* () {}).constructor(code)().next())
      attempt('async', () => Object.getPrototypeOf(async function () {}).constructor(code)())
      attempt('asyncGenerator', () => Object.getPrototypeOf(async function* () {}).constructor(code)())
      attempt('context', () => context.random.constructor(code)())
      attempt('log', () => context.log.constructor.constructor(code)())
      attempt('base', () => BaseStrategy.constructor(code)())
      attempt('console', () => console.log.constructor(code)())
      attempt('construct', () => Reflect.construct(Function, [code]))
      attempt('bound', () => Function.bind(null, code)()())
      attempt('error', () => { try { null.x } catch (error) { return error.constructor.constructor(code)() } })
      attempt('eval', () => eval('1'))
      attempt('global eval', () => globalThis.eval('1'))
      attempt('process', () => process.version)
      attempt('require', () => require('fs'))
      attempt('WebAssembly', () => WebAssembly.compile)
      attempt('caller', () => (function f() { return f.caller.caller })())
      attempt('timers', () => setTimeout(() => {}, 0))
      attempt('ivm', () => $ivm ?? _ivm)
      attempt('engine', () => __hotcell_engine)
      attempt('fetch', () => fetch('http://169.254.169.254/'))
      attempt('shared', () => new SharedArrayBuffer(8))
      attempt('atomics', () => Atomics.wait)
`),
  check: ({ report, outcomeHash, twin }) => {
    assert.ok(Object.keys(report).length >= 24)
    assert.deepEqual(
      Object.entries(report).filter(([, what]) => what !== 'blocked'),
      [],
    )
    assert.equal(outcomeHash, twin.outcomeHash)
  },
  ablated: {
    off: 'the removal of function constructors',
    expect: { kind: 'ok', reason: null },
    cell: {
      'runner-image/realm/entry.ts': replaceOnce(
        `  removeFunctionConstructors()
`,
        '',
      ),
    },
    check: ({ report, outcomeHash, twin }) => {
      for (const name of ['process', 'require', 'timers', 'fetch', 'ivm', 'engine'])
        assert.equal(report[name], 'blocked')
      assert.doesNotMatch(JSON.stringify(report), /object process/)
      assert.equal(outcomeHash, twin.outcomeHash)
    },
  },
}
