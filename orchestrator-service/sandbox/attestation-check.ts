import type { Attestation } from '../../src/protocol/events.ts'
import { cpuQuotaMicros, TMPFS_PATH } from './container-spec.ts'
import type { SandboxPolicy } from './policy.ts'
import { RUNTIMES } from './runtimes.ts'

/**
 * What holds inside a cell compared with its policy. Every field of the attestation that a policy decides must be equal;
 * the answer has one line a difference, empty when the cell is what was asked for.
 *
 * Mounts: an entry is `<mount point> <options>`, the options of the mount and of its file system joined by commas.
 * Exactly one may be writable, the tmpfs. What the engine itself mounts for every container and what belongs to root
 * there (/proc, /dev and its masks) is known by its options and no difference.
 */
export function compareAttestation(policy: SandboxPolicy, seen: Attestation): string[] {
  const { hidden } = RUNTIMES[policy.runtime]
  const differences: string[] = []
  const expect = (name: string, got: unknown, wanted: unknown) => {
    if (got !== wanted) differences.push(`${name} ${String(got)}, expected ${String(wanted)}`)
  }
  expect('uid', seen.uid, policy.uid)
  expect('gid', seen.gid, policy.gid)
  expect('groups', foreignGroups(policy, seen.groups), '')
  expect('capabilities', seen.capabilities.length, 5)
  for (const mask of seen.capabilities) if (!/^0+$/.test(mask)) differences.push(`capabilities ${mask}, expected none`)
  expect('seccomp', seen.seccomp, 2)
  expect('noNewPrivs', seen.noNewPrivs, 1)
  expect('rootReadOnly', seen.rootReadOnly, true)
  differences.push(...compareMounts(policy, seen.writableMounts))
  const connected = policy.network !== 'none'
  expect('interfaces', [...seen.interfaces].sort().join(','), connected ? `${NETWORK_INTERFACE},lo` : 'lo')
  differences.push(...compareRoutes(connected, seen.routes))
  expect('memoryBytes', seen.memoryBytes, policy.memoryBytes)
  expect('swapBytes', seen.swapBytes, hidden.includes('swapBytes') ? NOT_SHOWN : 0)
  expect('pids', seen.pids, hidden.includes('pids') ? NOT_SHOWN : policy.pids)
  expect('cpuQuota', seen.cpuQuota, cpuQuotaMicros(policy))
  expect('cpuPeriod', seen.cpuPeriod, policy.cpuPeriodMicros)
  expect('nofile', seen.nofile, policy.nofile)
  expect('fsize', seen.fsize, policy.fsizeBytes)
  expect('core', seen.core, policy.core)
  expect('msgqueue', seen.msgqueue, policy.msgqueueBytes)
  expect('memlock', seen.memlock, policy.memlockBytes)
  expect('environment', [...seen.environment].sort().join(' '), expectedEnvironment(policy).join(' '))
  expect('hostname', seen.hostname, policy.hostname)
  expect('pid', seen.pid, 1)
  return differences
}

/** What an attestation says of a limit for which there is no file. */
const NOT_SHOWN = -1

/** As the engine names the interface of the first network of a container. */
const NETWORK_INTERFACE = 'eth0'

/**
 * One network is routed to. Where the host has no address on it, engines of today still set a default route, to an address
 * that nobody has; it counts as the network's own. Routes that stay in the cell do not count.
 */
function compareRoutes(connected: boolean, routes: readonly string[]): string[] {
  const outward = routes.filter((route) => !route.startsWith('lo ') && route !== `${NETWORK_INTERFACE} 0.0.0.0/0`)
  const escapes = !connected && routes.some((route) => route.endsWith('/0'))
  const foreign = outward.some((route) => !route.startsWith(`${NETWORK_INTERFACE} `))
  if (!escapes && !foreign && outward.length === (connected ? 1 : 0)) return []
  return [`routes ${routes.join(',')}, expected ${connected ? 'one, to the network of the policy' : 'none'}`]
}

/** The engine adds HOSTNAME to the constants of the policy. */
export function expectedEnvironment(policy: SandboxPolicy): string[] {
  return Object.entries({ ...policy.environment, HOSTNAME: policy.hostname })
    .map(([key, value]) => `${key}=${value}`)
    .sort()
}

/** The engine lists the primary group among the groups; every other one is foreign. */
function foreignGroups(policy: SandboxPolicy, groups: readonly number[]): string {
  return groups.filter((group) => group !== policy.gid).join(',')
}

function compareMounts(policy: SandboxPolicy, mounts: readonly string[]): string[] {
  const differences: string[] = []
  let tmpfs = 0
  for (const mount of mounts) {
    const space = mount.indexOf(' ')
    const path = space === -1 ? mount : mount.slice(0, space)
    const options = new Set(space === -1 ? [] : mount.slice(space + 1).split(/[ ,]/))
    if (path === TMPFS_PATH) {
      tmpfs += 1
      const missing = tmpfsOptions(policy).filter((option) => !options.has(option))
      if (missing.length > 0) differences.push(`mount ${mount}, expected ${missing.join(',')} there`)
    } else if (!isEnginesOwn(policy, path, options)) {
      differences.push(`writable mount ${mount}, expected only ${TMPFS_PATH}`)
    }
  }
  if (tmpfs !== 1) differences.push(`${tmpfs} mounts at ${TMPFS_PATH}, expected 1`)
  return differences
}

function tmpfsOptions(policy: SandboxPolicy): string[] {
  const values: Partial<Record<string, string>> = {
    size: `size=${policy.tmpfsBytes / 1024}k`,
    nr_inodes: `nr_inodes=${policy.tmpfsInodes}`,
  }
  return RUNTIMES[policy.runtime].tmpfsOptions.map((name) => values[name] ?? name)
}

const ROOT_OWNED = new Set(['/proc', '/dev', '/dev/pts'])

/** Directories that the engine mounts rw but that belong to root, and masks: binds of /dev/null out of its tmpfs /dev. */
function isEnginesOwn(policy: SandboxPolicy, path: string, options: ReadonlySet<string>): boolean {
  if (options.has('ro')) return true
  if (ROOT_OWNED.has(path)) return options.has('nosuid')
  if (path === '/sys/fs/cgroup') return options.has('mode=755')
  return policy.maskedPaths.includes(path) && options.has('mode=755') && options.has('nosuid')
}
