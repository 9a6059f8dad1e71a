import type { SandboxPolicy } from '../sandbox/policy.ts'
import type { EngineFacts } from './engine-facts.ts'
import { failing, type Finding, good, remark, weak } from './finding.ts'

/** Oldest API that knows every setting of the container spec (cgroup name space mode, one-shot stats). */
const OLDEST_API = 1.41
const KNOWN_ARCHITECTURES = ['x86_64', 'aarch64', 'amd64', 'arm64']
const GOOD_STORAGE = ['overlay2', 'overlayfs', 'fuse-overlayfs', 'btrfs', 'zfs', 'stargz']
const SLOW_CLOCK_MS = 2000

/** What the engine says, judged; pure. */
export function judgeEngine(facts: EngineFacts, policies: readonly SandboxPolicy[]): Finding[] {
  return [
    judgeApi(facts),
    judgeSeccomp(facts),
    judgeSecurityModule(facts),
    judgeArchitecture(facts),
    judgeCgroup(facts),
    judgeLimits(facts),
    judgeUserNamespaces(facts),
    judgeRuntimes(facts),
    judgeStorage(facts),
    judgeLogDriver(facts),
    judgeMemory(facts, policies),
    judgeClock(facts),
  ]
}

function hasOption({ securityOptions }: EngineFacts, name: RegExp): boolean {
  return securityOptions.some((option) => name.test(option))
}

function judgeApi({ apiVersion, versions, operatingSystem }: EngineFacts): Finding {
  const seen = `Docker engine ${versions.docker} with API ${apiVersion} on ${operatingSystem}`
  if (Number(apiVersion) >= OLDEST_API) return good('engine', seen)
  return failing('engine', `${seen}: API ${OLDEST_API} or newer is needed`, 'Install Docker 20.10 or newer')
}

function judgeSeccomp(facts: EngineFacts): Finding {
  if (hasOption(facts, /^name=seccomp/)) return good('seccomp', 'seccomp is on; cells bring an allow-list of their own')
  const seen = 'The engine has no seccomp: cells will be refused by their attestation'
  return {
    ...failing('seccomp', seen, 'Use an engine and a kernel with seccomp'),
    weakens: 'every system call of the kernel is open',
  }
}

function judgeSecurityModule(facts: EngineFacts): Finding {
  if (hasOption(facts, /^name=apparmor/)) return good('security-module', 'AppArmor confines containers')
  if (hasOption(facts, /^name=selinux/)) return good('security-module', 'SELinux confines containers')
  return weak('security-module', 'Neither AppArmor nor SELinux confines containers', {
    weakens: 'no second rule behind seccomp, masked paths and capabilities for files and mounts',
    action: 'Use a kernel with AppArmor or SELinux and switch it on for the engine',
  })
}

function judgeArchitecture({ architecture }: EngineFacts): Finding {
  if (KNOWN_ARCHITECTURES.includes(architecture)) return good('architecture', `Architecture ${architecture}`)
  return failing(
    'architecture',
    `Architecture ${architecture}: there is no seccomp profile for it`,
    'Use x86_64 or arm64',
  )
}

function judgeCgroup({ cgroupVersion }: EngineFacts): Finding {
  if (cgroupVersion === '2') return good('cgroup', 'cgroup v2')
  return weak('cgroup', `cgroup v${cgroupVersion}; limits hold`, {
    weakens: 'a cell is not killed as a whole when it runs out of memory, and /sys/fs/cgroup is a mount that root owns',
    action: 'Boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1)',
  })
}

function judgeLimits(facts: EngineFacts): Finding {
  const limits = [
    ['memory', facts.memoryLimit],
    ['pids', facts.pidsLimit],
    ['CPU quota', facts.cpuQuota],
    ['swap (accounting)', facts.swapLimit],
  ] as const
  const missing = limits.filter(([, there]) => !there).map(([name]) => name)
  if (missing.length === 0) return good('limits', 'Memory, swap, pids and CPU limits can be set')
  const seen = `The engine cannot limit ${missing.join(', ')}: cells will be refused`
  return {
    ...failing('limits', seen, 'Enable the cgroup controllers (swap: swapaccount=1)'),
    weakens: 'a cell could take more than its share',
  }
}

function judgeUserNamespaces(facts: EngineFacts): Finding {
  if (hasOption(facts, /^name=rootless/))
    return good('user-namespaces', 'The engine runs rootless: its root is nobody on the host')
  if (hasOption(facts, /^name=userns/))
    return good('user-namespaces', 'Cells run in a user name space: root inside is nobody outside')
  return weak('user-namespaces', 'The engine runs without user name spaces', {
    weakens: 'uid 65534 of a cell is uid 65534 of the host, and who becomes root in a cell is root outside',
    action: 'Set userns-remap in daemon.json, or run Docker rootless',
  })
}

/** The runtimes that a policy can name, and which of them this engine has. */
function judgeRuntimes({ runtimes }: EngineFacts): Finding {
  const known = ['runc', 'runsc', 'kata'].map((name) => `${name} ${runtimes.includes(name) ? 'yes' : 'no'}`)
  if (runtimes.includes('runc')) return good('runtimes', `Runtimes: ${known.join(', ')}`)
  return failing('runtimes', `Runtimes: ${known.join(', ')}`, 'Use a standard Docker engine')
}

function judgeStorage({ storageDriver }: EngineFacts): Finding {
  if (GOOD_STORAGE.includes(storageDriver)) return good('storage-driver', `Storage driver ${storageDriver}`)
  return remark(
    'storage-driver',
    `Storage driver ${storageDriver}: slow to start a cell, or not maintained any more`,
    'Use overlay2 (storage-driver in daemon.json)',
  )
}

function judgeLogDriver({ logDrivers }: EngineFacts): Finding {
  if (logDrivers.includes('local')) return good('log-driver', 'Log driver "local" is there')
  return failing('log-driver', 'The engine has no log driver "local"', 'Use a standard Docker engine')
}

function judgeMemory({ memoryBytes, cores }: EngineFacts, policies: readonly SandboxPolicy[]): Finding {
  const seen = `${(memoryBytes / 2 ** 30).toFixed(1)} GiB of memory, ${cores} core(s)`
  const large = policies.filter((policy) => policy.memoryBytes > memoryBytes * 0.8 || policy.cores > cores)
  if (large.length === 0) return good('memory', seen)
  const names = large.map(({ name }) => `policy "${name}"`).join(', ')
  return remark('memory', `${seen}: too little for ${names}`, 'Use a smaller policy or a larger machine')
}

/** Deadlines of jobs are kept by our clock, and the age of containers is told by the engine's. */
function judgeClock({ clockAheadMs }: EngineFacts): Finding {
  if (clockAheadMs === null) return remark('clock', 'The engine does not say what time it has', 'Compare the clocks')
  const seen = `The clock of the engine is ${Math.abs(clockAheadMs)} ms ${clockAheadMs < 0 ? 'behind' : 'ahead of'} ours`
  if (Math.abs(clockAheadMs) <= SLOW_CLOCK_MS) return good('clock', seen)
  return remark('clock', seen, 'Synchronise both machines with NTP: times in logs and the audit log differ')
}
