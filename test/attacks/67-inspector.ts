/**
 * Technique: opens inspectors: on a port, by SIGUSR1, and from a worker into the main thread.
 * Expected: platform_error(protocol).
 * Stopped by: seccomp: no socket to listen on, no signal to send. Behind it: network none; an inspector inside the process reaches nothing that the program did not.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '67-inspector',
  where: 'open',
  family: 'integrity',
  technique: 'opens inspectors: on a port, by SIGUSR1, and from a worker into the main thread',
  stoppedBy: 'seccomp: no socket to listen on, no signal to send',
  behind: 'network none; an inspector inside the process reaches nothing that the program did not',
  expect: { kind: 'platform_error', reason: 'protocol' },
  source: String.raw`import inspector from 'node:inspector'
import { Worker } from 'node:worker_threads'
const found = {}
try { inspector.open(9229, '0.0.0.0'); found.port = inspector.url() ?? 'closed' } catch (error) { found.port = 'closed' }
try { process.kill(process.pid, 'SIGUSR1'); found.signal = 'sent' } catch (error) { found.signal = error.code }
const session = new inspector.Session()
session.connect()
found.session = await new Promise((done) => session.post('Runtime.evaluate', { expression: '1' }, (error) => done(error ? 'fails' : 'works')))
const worker = new Worker("const { Session } = require('node:inspector'); " +
  "const session = new Session(); " +
  "session.connectToMainThread(); " +
  "session.post('Runtime.evaluate', { expression: 'process.exitCode = 0' }, () => require('node:worker_threads').parentPort.postMessage('reached')); ", { eval: true })
found.main = await new Promise((done) => { worker.on('message', done); worker.on('error', () => done('fails')); setTimeout(() => done('silent'), 2000) })
attack.report(found)
process.exit(0)
`,
  check: ({ report }) => {
    assert.equal(report['port'], 'closed')
    assert.equal(report['signal'], 'EPERM')
  },
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => assert.equal(Object.keys(report).length, 4),
  },
}
