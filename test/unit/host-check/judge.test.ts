import { expect, test } from 'vitest'
import type { EngineFacts } from '../../../orchestrator-service/host-check/engine-facts.ts'
import { type Finding, findRefused, requireStrictHost } from '../../../orchestrator-service/host-check/finding.ts'
import { judgeEngine } from '../../../orchestrator-service/host-check/judge-engine.ts'
import { judgeHost } from '../../../orchestrator-service/host-check/judge-host.ts'
import type { LocalFacts } from '../../../orchestrator-service/host-check/local-facts.ts'
import { loadPolicies } from '../../../orchestrator-service/sandbox/policy.ts'

const engine: EngineFacts = {
  apiVersion: '1.51',
  versions: { docker: '28.5.2', containerd: '2.1.5', runc: '1.3.3', runsc: null, kernel: '6.12.48' },
  operatingSystem: 'Debian 13',
  architecture: 'x86_64',
  cgroupVersion: '2',
  securityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=userns', 'name=cgroupns'],
  memoryBytes: 16 * 2 ** 30,
  cores: 8,
  memoryLimit: true,
  swapLimit: true,
  pidsLimit: true,
  cpuQuota: true,
  logDrivers: ['json-file', 'local'],
  storageDriver: 'overlay2',
  runtimes: ['runc', 'runsc'],
  clockAheadMs: 12,
  rootDir: '/var/lib/docker',
}
const local: LocalFacts = {
  swapDevices: 0,
  controllers: ['cpu', 'memory', 'pids'],
  nodeVersion: 'v26.10.0',
  pinnedNode: 'v26.10.0',
  dataDir: '/data',
  dataFreeBytes: 50 * 2 ** 30,
  engineFreeBytes: 50 * 2 ** 30,
  socket: { kind: 'unix', path: '/var/run/docker.sock', mode: 0o660, uid: 0, gid: 105 },
}
const tcp = (tls: boolean): Partial<LocalFacts> => ({ socket: { kind: 'tcp', url: 'tcp://host:2375', tls } })

/** `id level`, with `!` where isolation is weaker. */
const brief = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ level }) => level !== 'ok')
    .map(({ id, level, weakens }) => `${id} ${level}${weakens === null ? '' : '!'}`)

test.for<[string, Partial<EngineFacts>, string[]]>([
  ['a good engine', {}, []],
  ['an old API', { apiVersion: '1.40' }, ['engine fail']],
  ['no seccomp', { securityOptions: ['name=userns', 'name=apparmor'] }, ['seccomp fail!']],
  ['no security module', { securityOptions: ['name=seccomp', 'name=userns'] }, ['security-module warn!']],
  ['SELinux', { securityOptions: ['name=seccomp', 'name=userns', 'name=selinux'] }, []],
  ['another architecture', { architecture: 'riscv64' }, ['architecture fail']],
  ['cgroup v1', { cgroupVersion: '1' }, ['cgroup warn!']],
  ['no pids limit', { pidsLimit: false }, ['limits fail!']],
  ['no swap accounting', { swapLimit: false }, ['limits fail!']],
  ['no user name spaces', { securityOptions: ['name=seccomp', 'name=apparmor'] }, ['user-namespaces warn!']],
  ['rootless', { securityOptions: ['name=seccomp', 'name=apparmor', 'name=rootless'] }, []],
  ['no runc', { runtimes: ['crun'] }, ['runtimes fail']],
  ['a slow storage driver', { storageDriver: 'vfs' }, ['storage-driver warn']],
  ['no local log driver', { logDrivers: ['json-file'] }, ['log-driver fail']],
  ['little memory', { memoryBytes: 4 * 2 ** 30 }, ['memory warn']],
  ['one core', { cores: 1 }, ['memory warn']],
  ['a clock that is ahead', { clockAheadMs: 60_000 }, ['clock warn']],
  ['a clock that is behind', { clockAheadMs: -60_000 }, ['clock warn']],
  ['no clock', { clockAheadMs: null }, ['clock warn']],
])('judgeEngine(): %s', ([, change, expected]) => {
  expect(brief(judgeEngine({ ...engine, ...change }, [...loadPolicies().values()]))).toEqual(expected)
})

test.for<[string, Partial<LocalFacts>, string[]]>([
  ['a good host', {}, []],
  ['an engine elsewhere', { swapDevices: null, controllers: null, engineFreeBytes: null, ...tcp(true) }, []],
  ['an engine without TLS', tcp(false), ['socket warn!']],
  ['a socket for everybody', { socket: { kind: 'unix', path: '/s', mode: 0o666, uid: 0, gid: 0 } }, ['socket warn!']],
  ['no socket', { socket: { kind: 'missing', path: '/s', error: 'ENOENT' } }, ['socket fail']],
  ['swap', { swapDevices: 1 }, ['swap warn!']],
  ['no memory controller', { controllers: ['cpu', 'pids'] }, ['cgroup-controllers fail!']],
  ['a full disk', { dataFreeBytes: 1000 }, ['disk fail']],
  ['little room', { dataFreeBytes: 2 ** 29 }, ['disk warn']],
  ['no room for the engine', { engineFreeBytes: 0 }, ['engine-disk fail']],
  ['a disk that does not say', { dataFreeBytes: null }, ['disk warn']],
  ['another Node', { nodeVersion: 'v24.12.0' }, ['node warn']],
])('judgeHost(): %s', ([, change, expected]) => {
  expect(brief(judgeHost({ ...local, ...change }))).toEqual(expected)
})

test('whatever is not ok says what to do', () => {
  const bad: EngineFacts = {
    ...engine,
    apiVersion: '1.2',
    securityOptions: [],
    architecture: 'x',
    cgroupVersion: '1',
    memoryBytes: 1,
    memoryLimit: false,
    logDrivers: [],
    storageDriver: 'vfs',
    runtimes: [],
    clockAheadMs: null,
  }
  const findings = judgeEngine(bad, [...loadPolicies().values()])

  expect(findings.filter(({ level }) => level === 'ok')).toEqual([])
  expect(findings.filter(({ action }) => action === null)).toEqual([])
})

test('a strict host refuses what fails and what weakens isolation, but not what is accepted by its id', () => {
  const findings = [
    ...judgeEngine({ ...engine, cgroupVersion: '1', storageDriver: 'vfs' }, []),
    ...judgeHost({ ...local, swapDevices: 1, dataFreeBytes: 0 }),
  ]
  const ids = (accepted: string[]) => findRefused(findings, accepted).map(({ id }) => id)

  expect(ids([])).toEqual(['cgroup', 'swap', 'disk'])
  expect(ids(['cgroup', 'CVE-2024-21626'])).toEqual(['swap', 'disk'])
  expect(ids(['cgroup', 'swap', 'disk'])).toEqual(['disk'])
  expect(() => requireStrictHost(findings, [])).toThrow(
    expect.objectContaining({
      code: 'host_refused',
      errors: expect.arrayContaining([expect.objectContaining({ pointer: '/findings/cgroup' })]) as unknown,
    }),
  )
  expect(() => requireStrictHost(judgeEngine(engine, []), [])).not.toThrow()
})
