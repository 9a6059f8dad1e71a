/**
 * Technique: goes around Node's own checks: process.binding, getBuiltinModule, createRequire, internal bindings of spawn, pipes and TCP.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: what the bindings call is refused by the kernel, whoever asks. Behind it: pids limit; network none; read-only root.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '79-raw-bindings',
  where: 'open',
  family: 'integrity',
  technique: `goes around Node's own checks: process.binding, getBuiltinModule, createRequire, internal bindings of spawn, pipes and TCP`,
  stoppedBy: 'seccomp: what the bindings call is refused by the kernel, whoever asks',
  behind: 'pids limit; network none; read-only root',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import { createRequire } from 'node:module'
const found = {}
const attempt = (name, act) => { try { found[name] = act() } catch (error) { found[name] = error.code ?? error.message } }
const require = createRequire('file:///app/main.mjs')
const fs = process.getBuiltinModule('node:fs')
const { getSystemErrorName } = process.getBuiltinModule('node:util')
const nameOf = (code) => (code < 0 ? getSystemErrorName(code) : code)
attempt('spawn', () => { const { error } = process.binding('spawn_sync').spawn({ file: '/node', args: ['/node', '-v'], envPairs: [], stdio: [{ type: 'ignore' }, { type: 'ignore' }, { type: 'ignore' }] }); return error === undefined ? 'ran' : nameOf(error) })
attempt('child', () => require('node:child_process').spawnSync('/node', ['-v']).error?.code ?? 'ran')
attempt('listen', () => { const { TCP, constants } = process.binding('tcp_wrap'); return nameOf(new TCP(constants.SERVER).bind('127.0.0.1', 0)) })
attempt('root', () => { fs.writeFileSync('/hotcell-escape', 'x'); return 'written' })
found.connected = await new Promise((done) => { try { require('node:net').connect(22, '127.0.0.1').on('connect', () => done('open')).on('error', (error) => done(error.code)) } catch (error) { done(error.code) } })
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    assert.equal(report['child'], 'EPERM')
    assert.notEqual(report['spawn'], 'ran')
    assert.notEqual(report['listen'], 0)
    assert.equal(report['connected'], 'EPERM')
    assert.equal(report['root'], 'EROFS')
  },
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => {
      assert.equal(report['connected'], 'ECONNREFUSED')
      assert.equal(report['root'], 'EROFS')
    },
  },
}
