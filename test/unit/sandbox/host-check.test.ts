import { mkdirSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findEngineEndpoint } from '../../../orchestrator-service/sandbox/engine-endpoint.ts'
import { checkHost, type EngineFacts, runcFlaws } from '../../../orchestrator-service/sandbox/host-check.ts'
import { loadPolicies } from '../../../orchestrator-service/sandbox/policy.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const ALL = ['CVE-2024-21626', 'CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881']

test.for<[string, string[]]>([
  ['1.0.3', ALL],
  ['1.1.5+ds1', ALL],
  ['1.1.11', ALL],
  ['1.1.12', ALL.slice(1)],
  ['1.2.0', ALL.slice(1)],
  ['1.2.7', ALL.slice(1)],
  ['1.2.8', []],
  ['1.2.9', []],
  ['1.3.0', ALL.slice(1)],
  ['1.3.2', ALL.slice(1)],
  ['1.3.3', []],
  ['1.4.0', []],
  ['1.5.1', []],
  ['2.0.0', []],
])('runc %s has %s', ([version, flaws]) => {
  expect(runcFlaws(version).map((flaw) => flaw.split(' ')[0])).toEqual(flaws)
})

const good: EngineFacts = {
  engineVersion: '28.5.2',
  apiVersion: '1.51',
  runcVersion: '1.3.3',
  containerdVersion: '2.1.0',
  kernel: '6.12',
  operatingSystem: 'Debian 13',
  architecture: 'x86_64',
  cgroupVersion: '2',
  securityOptions: ['name=seccomp,profile=builtin', 'name=userns', 'name=cgroupns'],
  memoryBytes: 16 * 2 ** 30,
  cores: 8,
  memoryLimit: true,
  swapLimit: true,
  pidsLimit: true,
  cpuQuota: true,
  logDrivers: ['json-file', 'local'],
}

test.for<[string, Partial<EngineFacts>, string[]]>([
  ['a good host', {}, []],
  ['old API', { apiVersion: '1.40' }, ['engine fail']],
  ['old runc', { runcVersion: '1.1.5' }, ['runc warn']],
  ['unknown runc', { runcVersion: null }, ['runc warn']],
  ['no seccomp', { securityOptions: ['name=userns'] }, ['seccomp fail']],
  ['another architecture', { architecture: 'riscv64' }, ['architecture fail']],
  ['cgroup v1', { cgroupVersion: '1' }, ['cgroup warn']],
  ['no pids limit', { pidsLimit: false }, ['limits fail']],
  ['no swap accounting', { swapLimit: false }, ['limits fail']],
  ['no user name spaces', { securityOptions: ['name=seccomp,profile=default'] }, ['user-namespaces warn']],
  ['rootless', { securityOptions: ['name=seccomp,profile=default', 'name=rootless'] }, []],
  ['little memory', { memoryBytes: 4 * 2 ** 30 }, ['memory warn']],
  ['one core', { cores: 1 }, ['memory warn']],
  ['no local log driver', { logDrivers: ['json-file'] }, ['log-driver fail']],
])('checkHost(): %s', ([, change, expected]) => {
  const checks = checkHost({ ...good, ...change }, [...loadPolicies().values()])

  expect(checks.filter(({ status }) => status !== 'ok').map(({ id, status }) => `${id} ${status}`)).toEqual(expected)
  expect(checks.every(({ status, hint }) => status === 'ok' || hint !== null || change.runcVersion === null)).toBe(true)
})

test('the engine is found at DOCKER_HOST, then in the current context, then at the default socket', () => {
  using directory = temporaryDirectory()
  const home = directory.path
  expect(findEngineEndpoint({ env: {}, home })).toMatchObject({ source: 'default', socketPath: '/var/run/docker.sock' })

  const id = createHash('sha256').update('lab').digest('hex')
  const meta = join(home, '.docker', 'contexts', 'meta', id)
  mkdirSync(meta, { recursive: true })
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: 'lab', Endpoints: { docker: { Host: 'unix:///run/lab.sock' } } }),
  )
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: 'lab' }))
  expect(findEngineEndpoint({ env: {}, home })).toMatchObject({ source: 'context', socketPath: '/run/lab.sock' })
  expect(findEngineEndpoint({ env: { DOCKER_CONTEXT: 'default' }, home })).toMatchObject({ source: 'default' })
  expect(findEngineEndpoint({ env: { DOCKER_HOST: 'tcp://10.0.0.1' }, home })).toMatchObject({
    source: 'DOCKER_HOST',
    host: '10.0.0.1',
    port: 2375,
  })
  expect(findEngineEndpoint({ env: { DOCKER_HOST: 'tcp://[::1]:99' }, home })).toMatchObject({
    host: '[::1]',
    port: 99,
  })
})

test.for([
  ['ssh', { DOCKER_HOST: 'ssh://me@host' }],
  ['nonsense', { DOCKER_HOST: 'what' }],
  ['a context that is not there', { DOCKER_CONTEXT: 'gone' }],
] as const)('%s is engine_unavailable', ([, env]) => {
  using directory = temporaryDirectory()

  expect(() => findEngineEndpoint({ env, home: directory.path })).toThrow(
    expect.objectContaining({ code: 'engine_unavailable' }),
  )
})
