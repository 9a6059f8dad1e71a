import { afterAll, describe, expect, test } from 'vitest'
import type { Attestation } from '../../src/protocol/events.ts'
import { inspectContainer } from '../../orchestrator-service/sandbox/engine-calls.ts'
import { connectEngine } from '../../orchestrator-service/sandbox/docker-client.ts'
import { ensureImage } from '../../orchestrator-service/sandbox/image/ensure-image.ts'
import { startCell } from '../../orchestrator-service/sandbox/docker-driver.ts'
import { loadPolicies, type SandboxPolicy } from '../../orchestrator-service/sandbox/policy.ts'
import { attestingProgram } from '../support/attesting-program.ts'
import { openCellBench } from '../support/cells.ts'

/*
 * What a cell is, shown three ways that share no code: the runner's own attestation, a probe that runs as plain Node in
 * the test image, and what the engine says that it set. All three must say what the policy says.
 */
const bench = openCellBench()
const engine = connectEngine()
const NO_CAPABILITIES = '0000000000000000'

afterAll(async () => bench[Symbol.asyncDispose]())

const PROBE = `
import os from 'node:os'
const status = Object.fromEntries(read('/proc/self/status').split('\\n').map((line) => line.split(':\\t')))
const group = (...paths) => paths.map((path) => read('/sys/fs/cgroup/' + path).trim()).find((text) => text !== '') ?? null
const tries = {}
const attempt = (name, action) => { try { action(); tries[name] = 'done' } catch (error) { tries[name] = error.code } }
attempt('root', () => fs.writeFileSync('/probe', 'x'))
attempt('app', () => fs.writeFileSync('/app/probe', 'x'))
attempt('remove', () => fs.unlinkSync('/app/main.mjs'))
attempt('tmp', () => fs.writeFileSync('/tmp/probe', 'x'))
attempt('cgroup', () => fs.writeFileSync('/sys/fs/cgroup/pids/pids.max', '1'))
attempt('kernel', () => fs.writeFileSync('/proc/sys/kernel/hostname', 'x'))
attempt('setuid', () => process.setuid(0))
let interfaces = null
try { interfaces = Object.keys(os.networkInterfaces()) } catch {}
const found = {
  tries,
  uid: process.getuid(), euid: process.geteuid(), gid: process.getgid(),
  capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((key) => status[key]),
  seccomp: status.Seccomp.trim(), noNewPrivs: status.NoNewPrivs.trim(),
  routes: read('/proc/net/route').trim().split('\\n').length - 1,
  devices: read('/proc/net/dev').split('\\n').slice(2).filter(Boolean).map((line) => line.split(':')[0].trim()),
  root: read('/proc/self/mountinfo').split('\\n').find((line) => line.split(' ')[4] === '/').split(' ')[5].split(',')[0],
  tmp: read('/proc/self/mountinfo').split('\\n').find((line) => line.split(' ')[4] === '/tmp'),
  processes: fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)),
  pids: group('pids.max', 'pids/pids.max'),
  memory: group('memory.max', 'memory/memory.limit_in_bytes'),
  swap: group('memory.swap.max', 'memory/memory.memsw.limit_in_bytes'),
  cpu: group('cpu.max') ?? group('cpu/cpu.cfs_quota_us') + ' ' + group('cpu/cpu.cfs_period_us'),
  interfaces,
}
fs.writeSync(1, JSON.stringify(found))
`

async function attestationOf(policy: SandboxPolicy): Promise<Attestation> {
  const image = await ensureImage(engine.docker)
  const cell = await startCell({ engine, instance: bench.instance }, { policy, image: image.ref })
  try {
    return await cell.attested
  } finally {
    cell.kill({ kind: 'cancelled', reason: null, message: 'seen enough' })
    await cell.finished
  }
}

/** Those that every engine has; test/integration/sandbox looks at the others. */
const usual = [...loadPolicies().values()].filter(({ runtime, network }) => runtime === 'runc' && network === 'none')

describe.for(usual.map((policy) => [policy.name, policy] as const))('policy %s', ([, policy]) => {
  const quota = policy.cores * policy.cpuPeriodMicros

  test('the attestation of the runner says what the policy says', { timeout: 60_000 }, async () => {
    const seen = await attestationOf(policy)

    expect(seen).toMatchObject({
      uid: 65_534,
      gid: 65_534,
      capabilities: Array.from({ length: 5 }, () => NO_CAPABILITIES),
      seccomp: 2,
      noNewPrivs: 1,
      rootReadOnly: true,
      interfaces: ['lo'],
      memoryBytes: policy.memoryBytes,
      swapBytes: 0,
      pids: policy.pids,
      cpuQuota: quota,
      cpuPeriod: policy.cpuPeriodMicros,
      hostname: policy.hostname,
      pid: 1,
    })
  })

  test('a probe in plain Node finds what the policy says', { timeout: 60_000 }, async () => {
    const exit = await bench.run(PROBE, { policy })
    const found = JSON.parse(Buffer.from(exit.stdout).toString('utf8')) as Record<string, unknown>

    expect(exit.cause).toBeNull()
    expect(found).toMatchObject({
      uid: 65_534,
      euid: 65_534,
      gid: 65_534,
      capabilities: Array.from({ length: 5 }, () => NO_CAPABILITIES),
      seccomp: '2',
      noNewPrivs: '1',
      devices: ['lo'],
      routes: 0,
      root: 'ro',
      processes: ['1'],
      pids: String(policy.pids),
      memory: String(policy.memoryBytes),
      cpu: `${quota} ${policy.cpuPeriodMicros}`,
    })
    expect([String(policy.memoryBytes), '0']).toContain(found['swap'])
    expect(found['tmp']).toMatch(/nosuid,nodev,noexec.* tmpfs /)
    const { tmp, ...others } = found['tries'] as Record<string, string>
    expect(tmp).toBe('done')
    for (const code of Object.values(others)) expect(['EROFS', 'EACCES', 'EPERM', 'ENOENT']).toContain(code)
    expect([null, [], ['lo']]).toContainEqual(found['interfaces'])
  })

  test('the engine says that it set what the policy says', { timeout: 60_000 }, async () => {
    const cell = await bench.start({ policy })
    const inspected = await inspectContainer(engine, cell.containerId)
    await cell.send([Buffer.from(attestingProgram(''))])
    await cell.endInput()
    await cell.finished

    expect(inspected.Config).toMatchObject({ User: '65534:65534', Tty: false, Hostname: policy.hostname })
    expect(inspected.HostConfig).toMatchObject({
      NetworkMode: 'none',
      IpcMode: 'none',
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ['ALL'],
      Memory: policy.memoryBytes,
      MemorySwap: policy.memoryBytes,
      PidsLimit: policy.pids,
      CpuQuota: quota,
      CpuPeriod: policy.cpuPeriodMicros,
      Runtime: policy.runtime,
    })
    for (const key of ['Binds', 'Mounts', 'Devices', 'CapAdd', 'PortBindings', 'PidMode'])
      expect(inspected.HostConfig[key] ?? [], key).toHaveLength(0)
    const security = inspected.HostConfig['SecurityOpt'] as string[]
    expect(security).toContain('no-new-privileges')
    expect(security.some((option) => option.startsWith('seccomp={'))).toBe(true)
  })
})

test('no cell of these tests is left', async () => {
  expect(await bench.left()).toEqual([])
})
