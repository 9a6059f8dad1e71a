/**
 * Technique: replaces itself by a fresh Node with its own flags, to shed the runner and its settings.
 * Expected: platform_error(protocol).
 * Stopped by: what is executed inherits seccomp, limits, uid and name spaces. Behind it: an exit without a document is never a success.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '75-exec-node-again',
  where: 'open',
  family: 'kernel',
  technique: 'replaces itself by a fresh Node with its own flags, to shed the runner and its settings',
  stoppedBy: 'what is executed inherits seccomp, limits, uid and name spaces',
  behind: 'an exit without a document is never a success',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`
const program = () => {
  const fs = require('node:fs')
  const status = fs.readFileSync('/proc/self/status', 'utf8')
  const pick = (key) => status.split('\n').find((line) => line.startsWith(key + ':')).split(/\s+/)[1]
  const found = { uid: pick('Uid'), cap: pick('CapEff'), bound: pick('CapBnd'), seccomp: pick('Seccomp'), privs: pick('NoNewPrivs') }
  found.child = require('node:child_process').spawnSync('/node', ['-v']).error?.code
  const text = 'REPORT ' + JSON.stringify(found)
  fs.writeSync(2, JSON.stringify({ type: 'log', level: 'info', unit: 'x', time: null, text }) + '\n')
}
const flags = ['--expose-gc', '--allow-natives-syntax', '-e', '(' + program + ')()']
process.execve('/node', ['/node', ...flags], { NODE_OPTIONS: '--no-warnings' })
`,
  check: ({ report }) =>
    assert.deepEqual(report, {
      uid: '65534',
      cap: '0000000000000000',
      bound: '0000000000000000',
      seccomp: '2',
      privs: '1',
      child: 'EPERM',
    }),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      const { child: _child, ...others } = report
      assert.deepEqual(others, {
        uid: '65534',
        cap: '0000000000000000',
        bound: '0000000000000000',
        seccomp: '0',
        privs: '1',
      })
    },
  },
}
