/**
 * A program for the open-realm image that attests as the runner must, from its own reading of /proc and /sys (nothing of
 * the runner is used, so that both can be compared), and then goes on with `body`. In `body`: `fs`, `emit(event)`.
 */
export function attestingProgram(body: string): string {
  return `${PREAMBLE}\nemit({ type: 'attestation', attestation: attest() })\n${body}\n`
}

/** A program that attests something else: `change` is an expression over the true attestation `a`. */
export function lyingProgram(change: string): string {
  return `${PREAMBLE}\nconst a = attest()\nemit({ type: 'attestation', attestation: ${change} })\nsetInterval(() => {}, 1000)\n`
}

const PREAMBLE = `
import fs from 'node:fs'
const read = (path) => { try { return fs.readFileSync(path, 'utf8') } catch { return '' } }
const emit = (event) => fs.writeSync(2, JSON.stringify(event) + '\\n')
const number = (...paths) => { for (const path of paths) { const text = read(path).trim(); if (text === 'max') return -1; if (text !== '') return Number(text) } return -1 }
function attest() {
  const status = Object.fromEntries(read('/proc/self/status').split('\\n').map((line) => line.split(':\\t')))
  const limits = Object.fromEntries(read('/proc/self/limits').split('\\n').map((line) => [line.slice(0, 26).trim(), Number(line.slice(26).trim().split(/\\s+/)[0])]))
  const mounts = new Map(read('/proc/self/mountinfo').split('\\n').filter(Boolean).map((line) => {
    const parts = line.split(' ')
    return [parts[4], { root: parts[3], options: parts[5] + ',' + parts.at(-1) }]
  }))
  const writable = [...mounts].filter(([path, mount]) => {
    if (path === '/' || mount.root === '/null') return false
    try { fs.accessSync(path, fs.constants.W_OK); return true } catch { return false }
  })
  const memory = number('/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes')
  const both = number('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes')
  const cpu = read('/sys/fs/cgroup/cpu.max').trim().split(' ').map(Number)
  return {
    v: 1,
    uid: Number(status.Uid.split('\\t')[1]),
    gid: Number(status.Gid.split('\\t')[1]),
    groups: status.Groups.trim().split(' ').filter(Boolean).map(Number),
    capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((key) => status[key]),
    seccomp: Number(status.Seccomp),
    noNewPrivs: Number(status.NoNewPrivs),
    rootReadOnly: mounts.get('/').options.startsWith('ro'),
    writableMounts: writable.map(([path, mount]) => path + ' ' + mount.options).sort(),
    interfaces: read('/proc/self/net/dev').split('\\n').slice(2).filter(Boolean).map((line) => line.split(':')[0].trim()),
    routes: read('/proc/self/net/route').trim().split('\\n').slice(1).map((line) => line.split('\\t')).map(([name, to, , , , , , mask]) => name + ' ' + to.match(/../g).reverse().map((byte) => parseInt(byte, 16)).join('.') + '/' + parseInt(mask, 16).toString(2).replaceAll('0', '').length).sort(),
    memoryBytes: memory,
    swapBytes: both > 0 ? both - memory : number('/sys/fs/cgroup/memory.swap.max'),
    pids: number('/sys/fs/cgroup/pids.max', '/sys/fs/cgroup/pids/pids.max'),
    cpuQuota: cpu.length === 2 ? cpu[0] : number('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
    cpuPeriod: cpu.length === 2 ? cpu[1] : number('/sys/fs/cgroup/cpu/cpu.cfs_period_us'),
    nofile: limits['Max open files'], fsize: limits['Max file size'], core: limits['Max core file size'],
    msgqueue: limits['Max msgqueue size'], memlock: limits['Max locked memory'],
    environment: Object.entries(process.env).map(([key, value]) => key + '=' + value).sort(),
    hostname: read('/proc/sys/kernel/hostname').trim(),
    pid: process.pid,
    node: process.version, arch: process.arch, engine: 'test',
  }
}
`
