import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectEngine, type EngineClient } from '../../orchestrator-service/sandbox/docker-client.ts'
import { pingEngine } from '../../orchestrator-service/sandbox/engine-calls.ts'

/**
 * Theory of operation. A second Docker engine beside the machine's own, to be stopped, killed and frozen as a test likes.
 * Everything that it makes lies under one directory and under one cgroup of its own, so that the end finds all of it without asking
 * the engine: its processes (the daemon, its containerd, the shims) by the directory in their command lines, those of its
 * containers by the cgroup, its mounts by their paths. Nothing is done to a process that is not found so. The clean-up is
 * synchronous and also runs when the test's process ends without one. It has a network name space of its own: a daemon that is told
 * to have no bridge removes `docker0`, and that is the bridge of the machine's engine.
 */
export interface OwnEngine extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly url: string
  readonly client: EngineClient
  readonly socketPath: string
  /** The daemon's process; null: it does not run. */
  readonly pid: number | null
  /** Starts it again; with other settings where they are given. */
  start(options?: EngineSettings): Promise<void>
  /** Ends the daemon; its containers are ended or go on, as its settings say. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Freezes the daemon: its socket accepts, and nobody answers. */
  freeze(): void
  thaw(): void
  /** Its containerd; shims and what they run are none of these. */
  helpers(): number[]
  /** Processes in its containers. */
  processes(): number[]
  /** Cgroups of its containers, counted in one hierarchy. */
  cgroups(): number
}

interface EngineSettings {
  /** Containers go on while the daemon is away. */
  readonly liveRestore: boolean
  /** A folder whose programs it takes before those of the machine: another runc. */
  readonly programs?: string
  /** Beside runc. */
  readonly runtimes?: Readonly<Record<string, { readonly path: string; readonly runtimeArgs: readonly string[] }>>
}

const START_MS = 60_000
const ENDING = ['SIGINT', 'SIGTERM'] as const
const CGROUPS = '/sys/fs/cgroup'

/** Starts an engine of the test's own. */
export async function startOwnEngine(settings: EngineSettings): Promise<OwnEngine> {
  const root = mkdtempSync(join(tmpdir(), 'hotcell-own-'))
  const name = root.slice(root.lastIndexOf('/') + 1)
  const socketPath = join(root, 'docker.sock')
  const url = `unix://${socketPath}`
  const client = connectEngine({ env: { DOCKER_HOST: url }, callTimeMs: 5000 })
  const config = join(root, 'daemon.json')
  const log = openSync(join(root, 'log'), 'a')
  const args = [
    ['--config-file', config, '--data-root', join(root, 'data'), '--exec-root', join(root, 'exec')],
    ['--pidfile', join(root, 'pid'), '-H', url, '--bridge=none', '--iptables=false'],
    ['--containerd-namespace', name, '--cgroup-parent', `/${name}`],
  ].flat()
  let daemon: ChildProcess | null = null
  const clean = (): void => cleanUp(root, name)
  const end = (): never => process.exit(1)
  process.once('exit', clean)
  for (const signal of ENDING) process.once(signal, end)

  const engine: OwnEngine = {
    url,
    client,
    socketPath,
    get pid() {
      return daemon?.pid ?? null
    },
    async start(changed) {
      if (daemon !== null) throw new Error('The engine runs already')
      if (changed !== undefined) {
        const { liveRestore, runtimes = {} } = changed
        writeFileSync(config, JSON.stringify({ 'live-restore': liveRestore, runtimes }))
      }
      const path = [settings.programs, process.env['PATH']].filter((entry) => entry !== undefined).join(':')
      const started = spawn('unshare', ['--net', '--', 'dockerd', ...args], {
        stdio: ['ignore', log, log],
        env: { ...process.env, PATH: path },
      })
      daemon = started
      const end = performance.now() + START_MS
      while (!(await isThere(client))) {
        if (started.exitCode !== null || performance.now() > end)
          throw new Error(`The engine did not start: ${readFileSync(join(root, 'log'), 'utf8').slice(-2000)}`)
        await sleep(50)
      }
    },
    async stop(signal) {
      const ending = daemon
      daemon = null
      if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
      const gone = once(ending, 'exit')
      ending.kill(signal)
      await gone
      // The kernel ends its containerd after it; the next daemon must not take over one that is ending
      const containerd = join(root, 'exec', 'containerd', 'containerd.pid')
      if (signal === 'SIGKILL') await hasGone(Number(readOrEmpty(containerd)))
      for (const file of [containerd, join(root, 'pid')]) rmSync(file, { force: true })
    },
    freeze: () => void daemon?.kill('SIGSTOP'),
    thaw: () => void daemon?.kill('SIGCONT'),
    helpers: () => [Number(readOrEmpty(join(root, 'exec', 'containerd', 'containerd.pid')))],
    processes: () => processesIn(name),
    cgroups: () => Math.max(0, ...cgroupRoots(name).map((folder) => foldersWithin(folder).length)),
    async [Symbol.asyncDispose]() {
      engine.thaw()
      await engine.stop('SIGKILL')
      process.removeListener('exit', clean)
      for (const ending of ENDING) process.removeListener(ending, end)
      clean()
    },
  }
  try {
    await engine.start(settings)
    return engine
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
}

async function hasGone(pid: number): Promise<void> {
  const end = performance.now() + START_MS
  while (/^State:\s[^Z]/m.test(readOrEmpty(`/proc/${pid}/status`)) && performance.now() < end) await sleep(20)
}

async function isThere(client: EngineClient): Promise<boolean> {
  return await pingEngine(client).then(
    () => true,
    () => false,
  )
}

function cleanUp(root: string, name: string): void {
  // A shim that dies may leave its container, so more than once
  for (let round = 0; round < 40; round += 1) {
    const left = [...processesOf(root), ...processesIn(name)]
    if (left.length === 0) break
    for (const pid of left) kill(pid)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  }
  for (const path of mountsUnder(root)) spawnSync('umount', ['--lazy', path], { stdio: 'ignore' })
  rmSync(root, { recursive: true, force: true })
  for (const folder of cgroupFolders(name)) removeFolder(folder)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function listOrEmpty(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Processes with the engine's directory in an argument. */
function processesOf(root: string): number[] {
  const pids = listOrEmpty('/proc').filter((entry) => /^\d+$/.test(entry))
  return pids
    .filter((pid) => readOrEmpty(`/proc/${pid}/cmdline`).includes(`${root}/`))
    .map(Number)
    .filter((pid) => pid !== process.pid)
}

/** The engine's cgroups, deepest first, of either version. */
function cgroupFolders(name: string): string[] {
  return cgroupRoots(name).flatMap((folder) => [...foldersWithin(folder), folder])
}

/** With version 1 one in each hierarchy. */
function cgroupRoots(name: string): string[] {
  const roots = [CGROUPS, ...listOrEmpty(CGROUPS).map((controller) => join(CGROUPS, controller))]
  return roots.map((folder) => join(folder, name))
}

function foldersWithin(folder: string): string[] {
  return listOrEmpty(folder).flatMap((entry) => {
    const path = join(folder, entry)
    return listOrEmpty(path).length > 0 ? [...foldersWithin(path), path] : []
  })
}

function processesIn(name: string): number[] {
  const lines = cgroupFolders(name).flatMap((folder) => readOrEmpty(join(folder, 'cgroup.procs')).split('\n'))
  return [...new Set(lines.filter((line) => line !== '').map(Number))]
}

function mountsUnder(root: string): string[] {
  const paths = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
  return paths.filter((path) => path.startsWith(`${root}/`)).reverse()
}

function removeFolder(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Not there for this controller
  }
}
