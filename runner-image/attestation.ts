import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { ENGINE } from '../src/backtest/rule-set.ts'
import type { Attestation } from '../src/protocol/events.ts'

/** Absent files and values that are no number are -1; so is "unlimited". */
const UNKNOWN = -1
const CGROUP = '/sys/fs/cgroup'

/** What the cell looks like from inside, from /proc and /sys (cgroup v1 and v2). */
export function readAttestation(): Attestation {
  const status = readPairs('/proc/self/status')
  const limits = readText('/proc/self/limits')
  const mounts = readMounts()
  return {
    v: 1,
    uid: process.getuid?.() ?? UNKNOWN,
    gid: process.getgid?.() ?? UNKNOWN,
    // getgroups(2) is not in the allow-list.
    groups: (status.get('Groups') ?? '').split(/\s+/).filter(Boolean).map(Number).slice(0, 64),
    capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) =>
      (status.get(name) ?? 'unknown').slice(0, 32),
    ),
    seccomp: toNumber(status.get('Seccomp')),
    noNewPrivs: toNumber(status.get('NoNewPrivs')),
    rootReadOnly: mounts.rootReadOnly,
    writableMounts: mounts.writable,
    interfaces: readInterfaces(),
    routes: readRoutes(),
    ...readCgroup(),
    nofile: readLimit(limits, 'Max open files'),
    fsize: readLimit(limits, 'Max file size'),
    core: readLimit(limits, 'Max core file size'),
    msgqueue: readLimit(limits, 'Max msgqueue size'),
    memlock: readLimit(limits, 'Max locked memory'),
    environment: Object.entries(process.env)
      .map(([name, value]) => `${name}=${value}`.slice(0, 256))
      .sort()
      .slice(0, 32),
    hostname: hostname().slice(0, 256),
    pid: process.pid,
    node: process.version,
    arch: process.arch,
    engine: ENGINE,
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function toNumber(text: string | undefined): number {
  const value = Number((text ?? '').trim() || 'x')
  return Number.isFinite(value) ? value : UNKNOWN
}

function readPairs(path: string): Map<string, string> {
  const lines = readText(path).split('\n')
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    }),
  )
}

/** The hard limit of a row of /proc/self/limits: Node raises the soft one of files to it. */
function readLimit(limits: string, name: string): number {
  const line = limits.split('\n').find((one) => one.startsWith(name)) ?? ''
  return toNumber(line.slice(name.length).trim().split(/\s+/)[1])
}

/**
 * From /proc/self/mountinfo: `id parent dev root point options … - type source superOptions`. Writable is what is mounted
 * rw and open to this user; of several mounts at one point the last is seen, and a mask (a bind of /dev/null) holds nothing.
 */
function readMounts(): { rootReadOnly: boolean; writable: string[] } {
  let rootReadOnly = false
  const points = new Map<string, string>()
  for (const line of readText('/proc/self/mountinfo').split('\n')) {
    const [mount = '', rest = ''] = line.split(' - ')
    const [, , , root, point, options = ''] = mount.split(' ')
    if (point === undefined) continue
    if (point === '/') rootReadOnly = options.split(',').includes('ro')
    else if (root === '/null') points.delete(point)
    else points.set(point, `${point} ${options},${rest.split(' ')[2] ?? ''}`.slice(0, 256))
  }
  const writable = [...points].filter(([point]) => isWritable(point)).map(([, text]) => text)
  return { rootReadOnly, writable: writable.sort().slice(0, 32) }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function readInterfaces(): string[] {
  const lines = readText('/proc/self/net/dev').split('\n').slice(2)
  const names = lines.map((line) => line.split(':')[0]!.trim()).filter((name) => name !== '')
  if (names.length > 0) return names.sort().slice(0, 32)
  try {
    return readdirSync('/sys/class/net').sort().slice(0, 32)
  } catch {
    return ['unknown']
  }
}

/** /proc/net/route: `iface destination gateway flags refs use metric mask …`, addresses as little-endian hex. */
function readRoutes(): string[] {
  const lines = readText('/proc/self/net/route').split('\n').slice(1)
  const routes = lines.map((line) => {
    const [name, destination = '', , , , , , mask = ''] = line.split('\t')
    const bits = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length
    return { name: name ?? '', text: `${name} ${readAddress(destination)}/${bits}`.slice(0, 64) }
  })
  return routes
    .filter(({ name }) => name !== '')
    .map(({ text }) => text)
    .sort()
    .slice(0, 32)
}

function readAddress(hex: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
}

function readCgroup(): Pick<Attestation, 'memoryBytes' | 'swapBytes' | 'pids' | 'cpuQuota' | 'cpuPeriod'> {
  const read = (path: string) => readText(`${CGROUP}/${path}`).trim()
  if (read('memory.max') !== '') {
    const [quota, period] = read('cpu.max').split(' ')
    return {
      memoryBytes: toNumber(read('memory.max')),
      swapBytes: toNumber(read('memory.swap.max')),
      pids: toNumber(read('pids.max')),
      cpuQuota: toNumber(quota),
      cpuPeriod: toNumber(period),
    }
  }
  const memoryBytes = toNumber(read('memory/memory.limit_in_bytes'))
  const both = toNumber(read('memory/memory.memsw.limit_in_bytes'))
  return {
    memoryBytes,
    swapBytes: both === UNKNOWN || memoryBytes === UNKNOWN ? UNKNOWN : both - memoryBytes,
    pids: toNumber(read('pids/pids.max')),
    cpuQuota: toNumber(read('cpu/cpu.cfs_quota_us')),
    cpuPeriod: toNumber(read('cpu/cpu.cfs_period_us')),
  }
}
