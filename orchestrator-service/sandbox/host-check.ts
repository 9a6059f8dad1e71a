import type { SandboxPolicy } from './policy.ts'

/** One line of `hotcell doctor`. */
export interface HostCheck {
  readonly id: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly text: string
  readonly hint: string | null
}

/** What the engine says about itself (GET /info, /version), in the parts that are judged. */
export interface EngineFacts {
  readonly engineVersion: string
  readonly apiVersion: string
  readonly runcVersion: string | null
  readonly containerdVersion: string | null
  readonly kernel: string
  readonly operatingSystem: string
  readonly architecture: string
  readonly cgroupVersion: string
  readonly securityOptions: readonly string[]
  readonly memoryBytes: number
  readonly cores: number
  readonly memoryLimit: boolean
  readonly swapLimit: boolean
  readonly pidsLimit: boolean
  readonly cpuQuota: boolean
  readonly logDrivers: readonly string[]
}

/** A release of runc with a known way out of a container, and the first release without it (per line where patched). */
interface KnownFlaw {
  readonly cve: string
  readonly what: string
  readonly fixed: readonly string[]
}

const RUNC_FLAWS: readonly KnownFlaw[] = [
  { cve: 'CVE-2024-21626', what: 'leaked descriptor gives the host file system', fixed: ['1.1.12'] },
  { cve: 'CVE-2025-31133', what: 'masked paths by a race', fixed: ['1.2.8', '1.3.3', '1.4.0'] },
  { cve: 'CVE-2025-52565', what: '/dev/console mount by a race', fixed: ['1.2.8', '1.3.3', '1.4.0'] },
  { cve: 'CVE-2025-52881', what: 'writes to /proc redirected by a race', fixed: ['1.2.8', '1.3.3', '1.4.0'] },
]

/** Oldest API that knows every setting of the container spec (cgroup name space mode, one-shot stats). */
const OLDEST_API = 1.41

/** Judges the facts; pure, so that every line has a table test. */
export function checkHost(facts: EngineFacts, policies: readonly SandboxPolicy[]): HostCheck[] {
  return [
    checkEngine(facts),
    checkRunc(facts.runcVersion),
    checkSeccomp(facts),
    checkArchitecture(facts),
    checkCgroup(facts),
    checkLimits(facts),
    checkUserNamespaces(facts),
    checkMemory(facts, policies),
    checkLogDriver(facts),
  ]
}

export function runcFlaws(version: string): string[] {
  return RUNC_FLAWS.filter((flaw) => !flaw.fixed.some((fixed) => isFixed(version, fixed, flaw.fixed))).map(
    ({ cve, what }) => `${cve} (${what})`,
  )
}

/** Fixed when at or above the fix of the same line (1.2.x), or of a line after the last that was patched. */
function isFixed(version: string, fixed: string, all: readonly string[]): boolean {
  const [major, minor, patch] = numbers(version)
  const [fixMajor, fixMinor, fixPatch] = numbers(fixed)
  if (major === fixMajor && minor === fixMinor) return patch >= fixPatch
  return fixed === all.at(-1) && (major > fixMajor || (major === fixMajor && minor > fixMinor))
}

function numbers(version: string): [number, number, number] {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)
  return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0), Number(match?.[3] ?? 0)]
}

function line(id: string, status: HostCheck['status'], text: string, hint: string | null = null): HostCheck {
  return { id, status, text, hint }
}

function checkEngine(facts: EngineFacts): HostCheck {
  const text = `Docker engine ${facts.engineVersion} (API ${facts.apiVersion}, containerd ${facts.containerdVersion ?? 'unknown'}) on ${facts.operatingSystem}, kernel ${facts.kernel}`
  if (Number(facts.apiVersion) >= OLDEST_API) return line('engine', 'ok', text)
  return line('engine', 'fail', `${text}: API ${OLDEST_API} or newer is needed`, 'Install Docker 20.10 or newer')
}

function checkRunc(version: string | null): HostCheck {
  if (version === null) return line('runc', 'warn', 'The engine does not say which runc it uses')
  const flaws = runcFlaws(version)
  if (flaws.length === 0) return line('runc', 'ok', `runc ${version}: no known way out of a container`)
  const hint =
    'Install runc 1.2.8, 1.3.3 or newer. Distributions patch older numbers: see the security tracker of yours'
  return line('runc', 'warn', `runc ${version} by its number has ${flaws.join(', ')}`, hint)
}

function checkSeccomp(facts: EngineFacts): HostCheck {
  if (facts.securityOptions.some((option) => option.startsWith('name=seccomp')))
    return line('seccomp', 'ok', 'seccomp is on; cells bring an allow-list of their own')
  return line(
    'seccomp',
    'fail',
    'The engine has no seccomp: cells will be refused by their attestation',
    'Use an engine and a kernel with seccomp',
  )
}

function checkArchitecture(facts: EngineFacts): HostCheck {
  const known = ['x86_64', 'aarch64', 'amd64', 'arm64']
  if (known.includes(facts.architecture)) return line('architecture', 'ok', `Architecture ${facts.architecture}`)
  return line(
    'architecture',
    'fail',
    `Architecture ${facts.architecture}: there is no seccomp profile for it`,
    'Use x86_64 or arm64',
  )
}

function checkCgroup(facts: EngineFacts): HostCheck {
  if (facts.cgroupVersion === '2') return line('cgroup', 'ok', 'cgroup v2')
  return line(
    'cgroup',
    'warn',
    `cgroup v${facts.cgroupVersion}: limits hold; v2 keeps memory peaks and kills a cell as a whole`,
    'Boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1)',
  )
}

function checkLimits(facts: EngineFacts): HostCheck {
  const limits = [
    ['memory', facts.memoryLimit],
    ['pids', facts.pidsLimit],
    ['CPU quota', facts.cpuQuota],
    ['swap', facts.swapLimit],
  ] as const
  const missing = limits.filter(([, there]) => !there).map(([name]) => name)
  if (missing.length === 0) return line('limits', 'ok', 'Memory, swap, pids and CPU limits can be set')
  return line(
    'limits',
    'fail',
    `The kernel cannot limit ${missing.join(', ')}: cells will be refused`,
    'Enable the cgroup controllers (swap: swapaccount=1)',
  )
}

function checkUserNamespaces(facts: EngineFacts): HostCheck {
  const on = facts.securityOptions.some((option) => /^name=(userns|rootless)/.test(option))
  if (on) return line('user-namespaces', 'ok', 'Cells run in a user name space: root inside is nobody outside')
  return line(
    'user-namespaces',
    'warn',
    'The engine runs without user name spaces: uid 65534 of a cell is uid 65534 of the host',
    'Set userns-remap in daemon.json, or run Docker rootless',
  )
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}

function checkMemory(facts: EngineFacts, policies: readonly SandboxPolicy[]): HostCheck {
  const text = `${gib(facts.memoryBytes)} of memory, ${facts.cores} core(s)`
  const large = policies.filter((policy) => policy.memoryBytes > facts.memoryBytes * 0.8 || policy.cores > facts.cores)
  if (large.length === 0) return line('memory', 'ok', text)
  return line(
    'memory',
    'warn',
    `${text}: too little for ${large.map(({ name }) => `policy "${name}"`).join(', ')}`,
    'Use a smaller policy or a larger machine',
  )
}

function checkLogDriver(facts: EngineFacts): HostCheck {
  if (facts.logDrivers.includes('local')) return line('log-driver', 'ok', 'Log driver "local" is there')
  return line('log-driver', 'fail', 'The engine has no log driver "local"', 'Use a standard Docker engine')
}
