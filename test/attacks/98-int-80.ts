/**
 * Technique: writes machine code and makes a system call of the 32-bit table with int 0x80, which filters of numbers forget.
 * Expected: limit_exceeded(no_event).
 * Stopped by: seccomp allows one architecture: the kernel kills the thread that calls, and the host ends the silence. Behind it: the host ends whatever lives in the cgroup before it removes the cell; no capabilities.
 * Without seccomp: platform_error(protocol).
 */
import assert from 'node:assert/strict'
import type { CellAttack } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '98-int-80',
  where: 'open',
  family: 'kernel',
  technique:
    'writes machine code and makes a system call of the 32-bit table with int 0x80, which filters of numbers forget',
  stoppedBy: 'seccomp allows one architecture: the kernel kills the thread that calls, and the host ends the silence',
  behind: 'the host ends whatever lives in the cgroup before it removes the cell; no capabilities',
  expect: { kind: 'limit_exceeded', reason: 'no_event' },
  policy: { noEventTimeMs: 3000 },
  maxMs: 45_000,
  source: String.raw`const { call, address } = await attack.loadSystemCalls()
const { dlopen } = await import('node:ffi')
// getpid of i386, then back
const code = Buffer.from([0x53, 0xb8, 0x14, 0, 0, 0, 0xcd, 0x80, 0x31, 0xc0, 0x5b, 0xc3])
const page = call(9, 0, 4096, 7, 0x22, -1, 0)
const { functions } = dlopen('libc.so.6', {
  memcpy: { arguments: ['i64', 'i64', 'i64'], return: 'i64' },
  bsearch: { arguments: ['i64', 'i64', 'i64', 'i64', 'i64'], return: 'i64' },
})
functions.memcpy(BigInt(page), address(code), BigInt(code.length))
const item = Buffer.alloc(8)
functions.bsearch(address(item), address(item), 1n, 8n, BigInt(page))
attack.report({ survived: true })
process.exit(0)
`,
  check: ({ report }) => assert.deepEqual(report, {}),
  ablated: {
    off: 'seccomp',
    expect: { kind: 'platform_error', reason: 'protocol' },
    engine: ['seccomp'],
    check: ({ report }) => assert.deepEqual(report, { survived: true }),
  },
}
