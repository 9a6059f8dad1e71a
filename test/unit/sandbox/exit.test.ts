import { expect, test } from 'vitest'
import {
  causeWithout,
  cpuCause,
  mapExit,
  pidsCause,
  signalOf,
  whoKilled,
} from '../../../orchestrator-service/sandbox/exit.ts'
import { loadPolicies, type SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'

const cancelled = { kind: 'cancelled', reason: null, message: 'm' } as const

test.for<[string, Parameters<typeof mapExit>[0], string | null]>([
  ['exit 0', { cause: null, killedBy: null, exitCode: 0, oomKilled: false }, null],
  ['exit 0 with a killed child', { cause: null, killedBy: null, exitCode: 0, oomKilled: true }, null],
  [
    'the kernel out of memory',
    { cause: null, killedBy: 'kernel', exitCode: 137, oomKilled: true },
    'limit_exceeded(memory)',
  ],
  ['137 without OOMKilled', { cause: null, killedBy: null, exitCode: 137, oomKilled: false }, 'platform_error(infra)'],
  [
    '137 with OOMKilled after our own kill',
    { cause: null, killedBy: 'host', exitCode: 137, oomKilled: true },
    'platform_error(infra)',
  ],
  [
    'OOMKilled with another code',
    { cause: null, killedBy: null, exitCode: 1, oomKilled: true },
    'platform_error(protocol)',
  ],
  ['139', { cause: null, killedBy: 'kernel', exitCode: 139, oomKilled: false }, 'strategy_error(crashed)'],
  ['134', { cause: null, killedBy: null, exitCode: 134, oomKilled: false }, 'strategy_error(crashed)'],
  ['159', { cause: null, killedBy: 'kernel', exitCode: 159, oomKilled: false }, 'strategy_error(forbidden_syscall)'],
  ['1', { cause: null, killedBy: null, exitCode: 1, oomKilled: false }, 'platform_error(protocol)'],
  ['nobody knows', { cause: null, killedBy: null, exitCode: null, oomKilled: false }, 'platform_error(infra)'],
  ['a cause before an OOM', { cause: cancelled, killedBy: 'host', exitCode: 137, oomKilled: true }, 'cancelled(null)'],
  ['a cause before exit 0', { cause: cancelled, killedBy: null, exitCode: 0, oomKilled: false }, 'cancelled(null)'],
])('mapExit(): %s', ([, exit, expected]) => {
  const cause = mapExit(exit)

  expect(cause === null ? null : `${cause.kind}(${cause.reason})`).toBe(expected)
})

test('whoKilled() tells our kill, the kernel and nobody apart', () => {
  expect(whoKilled(137, false, true)).toBe('host')
  expect(whoKilled(137, true, true)).toBe('host')
  expect(whoKilled(137, true, false)).toBe('kernel')
  expect(whoKilled(159, false, true)).toBe('kernel')
  expect(whoKilled(0, false, true)).toBeNull()
  expect(whoKilled(137, false, false)).toBeNull()
  expect(whoKilled(null, false, true)).toBe('host')
})

test('whoKilled() says host for an end that the engine did not learn, when the host had killed', () => {
  expect(whoKilled(255, false, true)).toBe('host')
  expect(whoKilled(255, false, false)).toBeNull()
})

test('signalOf() names the signal of a code over 128', () => {
  expect([null, 0, 1, 128, 137, 139, 159, 255].map(signalOf)).toEqual([
    null,
    null,
    null,
    null,
    'SIGKILL',
    'SIGSEGV',
    'SIGSYS',
    null,
  ])
})

test('CPU time is capped at wall time x cores, and what a quota lets pass before its periods', () => {
  const policy = { ...(loadPolicies().get('trusted') as SandboxPolicy), wallTimeMs: 1000, cores: 2 }

  expect(cpuCause(policy, null)).toBeNull()
  expect(cpuCause(policy, 2.5e9)).toBeNull()
  expect(cpuCause(policy, 2.5e9 + 1)).toMatchObject({ kind: 'limit_exceeded', reason: 'cpu' })
})

test('one refusal at the pids limit ends a cell', ({ expect }) => {
  const policy = loadPolicies().get('default') as SandboxPolicy

  expect(pidsCause(policy, 0)).toBeNull()
  expect(pidsCause(policy, 1)).toMatchObject({ kind: 'limit_exceeded', reason: 'pids' })
})

test('causeWithout() blames a cell for what it did, and the engine for the rest', () => {
  const limit = { kind: 'limit_exceeded', reason: 'bar_time', message: 'm' } as const
  const protocol = { kind: 'platform_error', reason: 'protocol', message: 'm' } as const

  expect([limit, cancelled].map(causeWithout)).toEqual([limit, cancelled])
  for (const cause of [null, protocol])
    expect(causeWithout(cause)).toMatchObject({ kind: 'platform_error', reason: 'infra' })
})
