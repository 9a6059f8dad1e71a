import { expect, test } from 'vitest'
import { compareAttestation } from '../../../orchestrator-service/sandbox/attestation-check.ts'
import { loadPolicies, type SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'
import type { Attestation } from '../../../src/protocol/events.ts'

const policy = loadPolicies().get('default') as SandboxPolicy
const NONE = '0000000000000000'
const TMPFS = '/tmp rw,nosuid,nodev,noexec,relatime,rw,size=16384k,nr_inodes=1024'

const good: Attestation = {
  v: 1,
  uid: 65_534,
  gid: 65_534,
  groups: [65_534],
  capabilities: [NONE, NONE, NONE, NONE, NONE],
  seccomp: 2,
  noNewPrivs: 1,
  rootReadOnly: true,
  writableMounts: [TMPFS],
  interfaces: ['lo'],
  routes: [],
  memoryBytes: 2 ** 31,
  swapBytes: 0,
  pids: 64,
  cpuQuota: 100_000,
  cpuPeriod: 100_000,
  nofile: 512,
  fsize: 2 ** 24,
  core: 0,
  msgqueue: 0,
  memlock: 0,
  environment: ['HOME=/tmp', 'HOSTNAME=cell', 'MALLOC_ARENA_MAX=2', 'PATH=/', 'TZ=UTC'],
  hostname: 'cell',
  pid: 1,
  node: 'v26.10.0',
  arch: 'x64',
  engine: 'e',
}

test('a cell that is what the policy says is accepted', () => {
  expect(compareAttestation(policy, good)).toEqual([])
  expect(compareAttestation(policy, { ...good, groups: [], environment: [...good.environment].reverse() })).toEqual([])
  expect(
    compareAttestation(policy, {
      ...good,
      writableMounts: [
        '/dev rw,nosuid,rw,size=65536k,mode=755',
        '/proc rw,nosuid,nodev,noexec,relatime,rw',
        '/proc/keys rw,nosuid,rw,size=65536k,mode=755',
        TMPFS,
      ],
    }),
  ).toEqual([])
})

const flips: Partial<Attestation>[] = [
  { uid: 0 },
  { uid: 1000 },
  { gid: 0 },
  { groups: [65_534, 0] },
  ...[0, 1, 2, 3, 4].map((at) => ({ capabilities: good.capabilities.with(at, '0000000000000400') })),
  { capabilities: [NONE, NONE, NONE, NONE] },
  { capabilities: ['', NONE, NONE, NONE, NONE] },
  { seccomp: 0 },
  { seccomp: 1 },
  { noNewPrivs: 0 },
  { rootReadOnly: false },
  { writableMounts: [] },
  { writableMounts: [TMPFS, TMPFS] },
  ...['noexec', 'nosuid', 'nodev', 'size=16384k', 'nr_inodes=1024'].map((option) => ({
    writableMounts: [TMPFS.replace(option, 'x')],
  })),
  { writableMounts: [TMPFS, '/dev/mqueue rw,nosuid,nodev,noexec,relatime,rw'] },
  { writableMounts: [TMPFS, '/dev/shm rw,nosuid,nodev,noexec,relatime,rw,size=65536k'] },
  { writableMounts: [TMPFS, '/data rw,relatime,rw'] },
  { writableMounts: [TMPFS, '/sys rw,nosuid,rw'] },
  { interfaces: [] },
  { interfaces: ['lo', 'eth0'] },
  { interfaces: ['eth0'] },
  { routes: ['eth0 0.0.0.0/0'] },
  { routes: ['eth0 172.18.0.0/16'] },
  { memoryBytes: 2 ** 32 },
  { memoryBytes: -1 },
  { swapBytes: 2 ** 31 },
  { swapBytes: -1 },
  { pids: -1 },
  { pids: 65 },
  { cpuQuota: 200_000 },
  { cpuQuota: -1 },
  { cpuPeriod: 50_000 },
  { nofile: 1024 },
  { fsize: 2 ** 40 },
  { core: 1 },
  { msgqueue: 819_200 },
  { memlock: 65_536 },
  { environment: [...good.environment, 'SECRET=1'] },
  { environment: good.environment.slice(1) },
  { environment: good.environment.with(3, 'TZ=Europe/Berlin') },
  { hostname: 'vm' },
  { pid: 2 },
]

test.for(flips.map((flip) => [Object.keys(flip)[0] as string, JSON.stringify(Object.values(flip)[0]), flip] as const))(
  'another %s is refused: %s',
  ([field, , flip]) => {
    const differences = compareAttestation(policy, { ...good, ...flip })

    expect(differences.length).toBeGreaterThan(0)
    expect(differences.join()).toMatch(field === 'writableMounts' ? /mount/ : new RegExp(field))
  },
)

test('under mongo-network exactly the interface and the route of its network are accepted', () => {
  const mongo = loadPolicies().get('mongo-network') as SandboxPolicy
  const connected = { ...good, interfaces: ['lo', 'eth0'], routes: ['eth0 172.18.0.0/16'] }
  const compare = (change: Partial<Attestation>) => compareAttestation(mongo, { ...connected, ...change })

  expect(compare({})).toEqual([])
  expect(compare({ routes: ['eth0 172.18.0.0/16', 'lo 127.0.0.0/8'] })).toEqual([])
  expect(compare({ routes: ['eth0 0.0.0.0/0', 'eth0 172.18.0.0/16'] })).toEqual([])
  for (const change of [
    { interfaces: ['lo'] },
    { interfaces: ['eth0', 'eth1', 'lo'] },
    { interfaces: ['eth1', 'lo'] },
    { routes: [] },
    { routes: ['eth0 0.0.0.0/0'] },
    { routes: ['eth0 10.0.0.0/8', 'eth0 172.18.0.0/16'] },
    { routes: ['eth1 0.0.0.0/0', 'eth0 172.18.0.0/16'] },
    { routes: ['eth1 172.18.0.0/16'] },
  ])
    expect(compare(change), JSON.stringify(change)).toHaveLength(1)
})

test('every field of an attestation that a policy decides is flipped above', () => {
  const informative = ['v', 'node', 'arch', 'engine']
  const flipped = new Set(flips.flatMap((flip) => Object.keys(flip)))

  expect(Object.keys(good).filter((key) => !informative.includes(key) && !flipped.has(key))).toEqual([])
})
