import { setTimeout as sleep } from 'node:timers/promises'
import { LABEL } from './container-spec.ts'
import { callEngine, type EngineClient } from './docker-client.ts'
import { inspectContainer, type InspectAnswer, removeContainer, startContainer } from './engine-calls.ts'

/**
 * Theory of operation. A program can end its main thread alone (raw exit(2), or a system call for which seccomp kills the
 * thread). The process is then a zombie with living threads, and the runtime, which looks at the main thread only, takes
 * it for stopped: a kill is not sent, and after two seconds the engine marks the container as exited, with the code that
 * it uses when it does not know. Removing the container would leave the threads running for ever.
 *
 * So before a container with that code is removed, whatever still lives in its cgroup is killed by a helper: a container
 * of the same image and user (which is all that SIGKILL needs), in the host's pid name space, without capabilities,
 * network or any input of a job. It finds the processes by the container's id in their cgroup, never by a pid alone.
 */
export async function endSurvivors(engine: EngineClient, container: InspectAnswer): Promise<void> {
  const { Id } = await callEngine<{ Id: string }>(engine, {
    action: 'create the helper that ends survivors',
    method: 'POST',
    path: '/containers/create',
    body: helperSpec(container),
  })
  try {
    await startContainer(engine, Id)
    const code = await awaitExit(engine, Id)
    if (code !== 0) throw new Error(`Cannot end the processes of cell "${container.Name}": helper ended with ${code}`)
  } finally {
    await removeContainer(engine, Id)
  }
}

const HELPER_MS = 15_000
const HELPER = '-helper'

/** Whether a container that carries this id ends what is left of a cell. */
export function isHelper(cellId: string): boolean {
  return cellId.endsWith(HELPER)
}
const POLL_MS = 100

const PROGRAM = `
const fs = require('node:fs')
const id = process.argv[1]
const left = () => fs.readdirSync('/proc').filter((name) => {
  if (!/^[0-9]+$/.test(name)) return false
  try { return fs.readFileSync('/proc/' + name + '/cgroup', 'utf8').includes(id) } catch { return false }
})
const end = Date.now() + 10_000
const round = () => {
  const pids = left()
  if (pids.length === 0) process.exit(0)
  if (Date.now() > end) process.exit(1)
  for (const pid of pids) try { process.kill(Number(pid), 'SIGKILL') } catch {}
  setTimeout(round, 50)
}
round()
`

function helperSpec({ Id, Config, HostConfig }: InspectAnswer): object {
  const labels = (Config['Labels'] ?? {}) as Record<string, string>
  return {
    Image: Config['Image'],
    Entrypoint: ['/node', '-e', PROGRAM, Id],
    User: Config['User'],
    Labels: { [LABEL.instance]: labels[LABEL.instance], [LABEL.cell]: `${labels[LABEL.cell]}${HELPER}` },
    HostConfig: {
      Runtime: HostConfig['Runtime'],
      PidMode: 'host',
      NetworkMode: 'none',
      IpcMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 256 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
      PidsLimit: 32,
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}

async function awaitExit(engine: EngineClient, id: string): Promise<number | null> {
  const end = performance.now() + HELPER_MS
  while (performance.now() < end) {
    const { State } = await inspectContainer(engine, id)
    if (!State.Running && State.Status !== 'created') return State.ExitCode
    await sleep(POLL_MS)
  }
  return null
}
