import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Docker engine of its own, whose containers are followed from before their first system call. */
export interface TracedEngine extends AsyncDisposable {
  readonly host: string
}

const START_MS = 30_000
const STOP_MS = 30_000

/**
 * The engine finds runc by name, so a script of that name that lies before it in PATH is enough: what the product asks of
 * the engine stays as it is. `pidFile`: where the script writes its number before it becomes `runc create`.
 */
function writeWrapper(folder: string, runc: string, pidFile: string | null): void {
  const note = pidFile === null ? '' : `case " $* " in *" create "*) echo $$ >> ${pidFile} ;; esac\n`
  writeFileSync(join(folder, 'runc'), `#!/bin/sh\n${note}exec ${runc} "$@"\n`)
  chmodSync(join(folder, 'runc'), 0o755)
}

/** Needs root, dockerd and containerd. */
export async function startTracedEngine(options: { runc: string; pidFile: string | null }): Promise<TracedEngine> {
  const root = mkdtempSync(join(tmpdir(), 'hotcell-engine-'))
  const bin = join(root, 'bin')
  mkdirSync(bin)
  writeWrapper(bin, options.runc, options.pidFile)
  writeFileSync(join(root, 'daemon.json'), '{}')
  const socket = join(root, 'docker.sock')
  const log = openSync(join(root, 'log'), 'a')
  const places = ['--data-root', join(root, 'data'), '--exec-root', join(root, 'exec'), '--pidfile', join(root, 'pid')]
  const flags = ['--config-file', join(root, 'daemon.json'), ...places, '-H', `unix://${socket}`]
  const engine = spawn('dockerd', [...flags, '--bridge=none', '--iptables=false'], {
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
  })
  const exited = new Promise<void>((done, fail) => {
    engine.once('error', fail)
    engine.once('exit', () => {
      done()
    })
  })
  await Promise.race([untilListening(join(root, 'log')), exited.then(() => failStart(root))])
  return {
    host: `unix://${socket}`,
    async [Symbol.asyncDispose]() {
      engine.kill('SIGTERM')
      await Promise.race([exited, sleep(STOP_MS)])
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

async function untilListening(log: string): Promise<void> {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(100))
    if (readFileSync(log, 'utf8').includes('API listen on')) return
  throw new Error(`The engine did not start within ${START_MS} ms: ${readFileSync(log, 'utf8').slice(-2000)}`)
}

function failStart(root: string): never {
  throw new Error(`The engine ended: ${readFileSync(join(root, 'log'), 'utf8').slice(-2000)}`)
}
