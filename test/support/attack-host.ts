import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROJECT_ROOT } from '../../orchestrator-service/sandbox/image/project-root.ts'

/** File name that attacks try to leave on the host, and name of whatever else they make. */
export const ESCAPE = 'hotcell-escape'

/** Sums of every file of a directory, and of the places where an escape would leave something. */
export function fingerprintHost(dataDir: string): string {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('lock'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const sums = files.map((file) => `${file} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`)
  return [...sums, ...findEscapes()].join('\n')
}

/** What attacks left in the places that they try. */
export function findEscapes(): string[] {
  return ['/', tmpdir(), '/var/tmp', '/dev/shm', '/dev/mqueue', '/etc', PROJECT_ROOT, process.cwd()]
    .map((folder) => join(folder, ESCAPE))
    .filter((file) => statSync(file, { throwIfNoEntry: false }) !== undefined)
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const SETTINGS = [
  'core_pattern',
  'hostname',
  'domainname',
  'modprobe',
  'kptr_restrict',
  'dmesg_restrict',
  'randomize_va_space',
]
const FILES = ['/etc/passwd', '/etc/shadow', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/etc/ld.so.preload']

/** What no attack may change of the machine; nothing here moves by itself while others work on it. */
export function hostFacts(): Record<string, unknown> {
  const clock = Date.now() - performance.now() - performance.timeOrigin
  return {
    settings: SETTINGS.map((name) => read(`/proc/sys/kernel/${name}`)),
    files: FILES.map((file) => createHash('sha256').update(read(file)).digest('hex')),
    modules: read('/proc/modules')
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
      .toSorted((a, b) => (a < b ? -1 : 1)),
    swaps: read('/proc/swaps').split('\n').length,
    root: readdirSync('/').sort(),
    name: readlinkSync('/proc/self/ns/user'),
    escapes: findEscapes(),
    sockets: read('/proc/net/unix').includes(ESCAPE),
    clockMoved: Math.abs(clock) > 60_000,
  }
}

const KERNEL_HELD = /^(?:Shmem|SUnreclaim|KernelStack|PageTables):\s+(\d+)/gm
const ENGINE = /^(?:dockerd|containerd)/

/**
 * What attacks could leave behind in memory, bytes: what the kernel can't give back, and what the engine's processes hold.
 * All memory of the machine would count what its other users do.
 */
export function heldMemory(): number {
  const kernel = [...read('/proc/meminfo').matchAll(KERNEL_HELD)].reduce((sum, [, kb]) => sum + Number(kb), 0)
  const engine = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && ENGINE.test(read(`/proc/${pid}/comm`)))
    .map((pid) => Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0))
  return engine.reduce((sum, kb) => sum + kb, kernel) * 1024
}

/** Host pids that live in the cgroup of one of the containers. */
export function processesOf(containers: readonly string[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const cgroup = read(`/proc/${pid}/cgroup`)
      return containers.some((id) => cgroup.includes(id))
    })
}

/** Waits for what an ended cell leaves for a moment: the engine reaps a process just after it reports the exit. */
export async function settle(look: () => readonly string[]): Promise<readonly string[]> {
  for (let round = 0; round < 20 && look().length > 0; round++) await sleep(100)
  return look()
}
