import { expect, test } from 'vitest'
import { buildContainerSpec } from '../../../orchestrator-service/sandbox/container-spec.ts'
import { checkInspect } from '../../../orchestrator-service/sandbox/inspect-check.ts'
import { loadPolicies, type SandboxPolicy } from '../../../orchestrator-service/sandbox/policy.ts'

const policy = loadPolicies().get('default') as SandboxPolicy
const identity = {
  image: 'sha256:abc',
  instance: '0123456789ab',
  cellId: 'fedcba9876543210',
  createdMs: 1_700_000_000_000,
  architecture: 'x64',
  networkId: null,
} as const

test('buildContainerSpec() is pure and what it asks for is pinned', () => {
  const spec = buildContainerSpec(policy, identity)
  const { SecurityOpt, MaskedPaths, ReadonlyPaths, ...host } = spec.HostConfig

  expect(buildContainerSpec(policy, identity)).toEqual(spec)
  expect({ ...spec, Labels: { ...spec.Labels, 'hotcell.policy': 'HASH' }, HostConfig: host }).toMatchInlineSnapshot(`
    {
      "AttachStderr": true,
      "AttachStdin": true,
      "AttachStdout": true,
      "Env": [
        "HOME=/tmp",
        "MALLOC_ARENA_MAX=2",
        "PATH=/",
        "TZ=UTC",
      ],
      "HostConfig": {
        "AutoRemove": false,
        "CapDrop": [
          "ALL",
        ],
        "CgroupnsMode": "private",
        "CpuPeriod": 100000,
        "CpuQuota": 100000,
        "CpuShares": 1024,
        "Dns": [],
        "IpcMode": "none",
        "LogConfig": {
          "Config": {
            "compress": "false",
            "max-file": "1",
            "max-size": "268435456",
          },
          "Type": "local",
        },
        "Memory": 2147483648,
        "MemorySwap": 2147483648,
        "NetworkMode": "none",
        "PidsLimit": 64,
        "Privileged": false,
        "ReadonlyRootfs": true,
        "RestartPolicy": {
          "MaximumRetryCount": 0,
          "Name": "no",
        },
        "Runtime": "runc",
        "Tmpfs": {
          "/tmp": "rw,noexec,nosuid,nodev,size=16777216,nr_inodes=1024,mode=1777",
        },
        "Ulimits": [
          {
            "Hard": 0,
            "Name": "core",
            "Soft": 0,
          },
          {
            "Hard": 16777216,
            "Name": "fsize",
            "Soft": 16777216,
          },
          {
            "Hard": 0,
            "Name": "memlock",
            "Soft": 0,
          },
          {
            "Hard": 0,
            "Name": "msgqueue",
            "Soft": 0,
          },
          {
            "Hard": 512,
            "Name": "nofile",
            "Soft": 512,
          },
        ],
      },
      "Hostname": "cell",
      "Image": "sha256:abc",
      "Labels": {
        "hotcell.cell": "fedcba9876543210",
        "hotcell.created": "1700000000000",
        "hotcell.instance": "0123456789ab",
        "hotcell.policy": "HASH",
      },
      "OpenStdin": true,
      "StdinOnce": true,
      "Tty": false,
      "User": "65534:65534",
      "name": "hotcell-0123456789ab-fedcba9876543210",
    }
  `)
  expect(SecurityOpt[0]).toBe('no-new-privileges')
  expect(SecurityOpt[1]).toMatch(/^seccomp=\{"defaultAction":"SCMP_ACT_ERRNO"/)
  expect(MaskedPaths).toEqual(
    expect.arrayContaining([
      '/dev/mqueue',
      '/proc/kcore',
      '/proc/meminfo',
      '/proc/loadavg',
      '/sys/firmware',
      '/sys/devices',
    ]),
  )
  expect(MaskedPaths.filter((path) => path.startsWith('/sys/fs/cgroup'))).toEqual([])
  expect(ReadonlyPaths).toEqual(['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'])
})

test('the policy decides: trusted has twice the memory and CPU and is as sealed', () => {
  const trusted = buildContainerSpec(loadPolicies().get('trusted') as SandboxPolicy, identity)
  const base = buildContainerSpec(policy, identity)
  const { Memory, MemorySwap, CpuQuota, ...rest } = trusted.HostConfig
  const { Memory: m, MemorySwap: s, CpuQuota: q, ...same } = base.HostConfig

  expect([Memory, MemorySwap, CpuQuota]).toEqual([m * 2, s * 2, q * 2])
  expect(rest).toEqual(same)
})

test('mongo-network is on the network that was looked at, by its id, and nothing else differs but its calls', () => {
  const mongo = loadPolicies().get('mongo-network') as SandboxPolicy
  const { SecurityOpt, ...host } = buildContainerSpec(mongo, { ...identity, networkId: 'f'.repeat(64) }).HostConfig
  const { SecurityOpt: base, ...rest } = buildContainerSpec(policy, identity).HostConfig

  expect(host).toEqual({ ...rest, NetworkMode: 'f'.repeat(64), Dns: ['127.0.0.1'] })
  expect(SecurityOpt[1]).toContain('"socket"')
  expect(base[1]).not.toContain('"socket"')
  expect(() => buildContainerSpec(mongo, identity)).toThrow(/Invariant/)
  expect(() => buildContainerSpec(policy, { ...identity, networkId: 'f' })).toThrow(/Invariant/)
})

/** What the engine answers when it set everything. */
function inspected() {
  const { HostConfig, ...config } = structuredClone(buildContainerSpec(policy, identity))
  return {
    Config: { ...config, Volumes: null } as Record<string, unknown>,
    HostConfig: { ...HostConfig, Binds: null, PidMode: '' } as Record<string, unknown>,
    NetworkSettings: { Networks: { none: {} } as Record<string, unknown> },
  }
}

test('checkInspect() finds nothing when everything was set, in any order', () => {
  const got = inspected()
  got.HostConfig['Ulimits'] = [...(got.HostConfig['Ulimits'] as unknown[])].reverse()
  got.Config['Labels'] = { ...(got.Config['Labels'] as object), 'of.the.image': 'x' }

  expect(checkInspect(buildContainerSpec(policy, identity), got)).toEqual([])
})

test('checkInspect() finds every setting of HostConfig that was not set or differs', () => {
  const asked = buildContainerSpec(policy, identity)

  for (const key of Object.keys(asked.HostConfig)) {
    const dropped = inspected()
    delete dropped.HostConfig[key]
    const other = inspected()
    other.HostConfig[key] = 'other'
    for (const got of [dropped, other])
      expect(checkInspect(asked, got), key).toEqual([expect.stringContaining(`/HostConfig/${key}: `)])
  }
})

test.for<[string, (got: ReturnType<typeof inspected>) => void]>([
  ['/HostConfig/Binds', (got) => (got.HostConfig['Binds'] = ['/:/host'])],
  ['/HostConfig/PidMode', (got) => (got.HostConfig['PidMode'] = 'host')],
  ['/HostConfig/CapAdd', (got) => (got.HostConfig['CapAdd'] = ['SYS_ADMIN'])],
  ['/HostConfig/Devices', (got) => (got.HostConfig['Devices'] = [{ PathOnHost: '/dev/sda' }])],
  ['/Config/Volumes', (got) => (got.Config['Volumes'] = { '/data': {} })],
  ['/HostConfig/DnsSearch', (got) => (got.HostConfig['DnsSearch'] = ['example.com'])],
  ['/NetworkSettings/Networks', (got) => (got.NetworkSettings.Networks['bridge'] = {})],
  ['/Config/User', (got) => (got.Config['User'] = '0:0')],
  ['/Config/Env', (got) => (got.Config['Env'] = ['SECRET=1'])],
  ['/Config/Tty', (got) => (got.Config['Tty'] = true)],
  ['/Config/Labels/hotcell.cell', (got) => (got.Config['Labels'] = {})],
])('checkInspect() refuses a foreign %s', ([pointer, change]) => {
  const got = inspected()
  change(got)

  expect(
    checkInspect(buildContainerSpec(policy, identity), got)[0] +
      checkInspect(buildContainerSpec(policy, identity), got).join(),
  ).toContain(pointer)
})
