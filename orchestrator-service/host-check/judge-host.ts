import { failing, type Finding, good, remark, weak } from './finding.ts'
import type { LocalFacts } from './local-facts.ts'

const GIB = 2 ** 30
/** One run of the largest kind: its tables, and the engine's copy of its output. */
const LITTLE_BYTES = GIB
const NO_BYTES = GIB / 16
const NEEDED_CONTROLLERS = ['memory', 'pids', 'cpu']

/** What this machine says, judged; pure. */
export function judgeHost(facts: LocalFacts): Finding[] {
  return [
    judgeSocket(facts),
    judgeSwap(facts),
    judgeControllers(facts),
    judgeDisk('disk', `data directory ${facts.dataDir}`, facts.dataFreeBytes),
    ...(facts.engineFreeBytes === null ? [] : [judgeDisk('engine-disk', 'engine', facts.engineFreeBytes)]),
    judgeNode(facts),
  ]
}

/** Whoever can write the engine's socket is root on its machine. */
function judgeSocket({ socket }: LocalFacts): Finding {
  const id = 'socket'
  if (socket.kind === 'missing') {
    const action =
      socket.error === 'EACCES' ? 'Run as a member of the group docker' : 'Start the Docker engine, or set DOCKER_HOST'
    return failing(id, `Cannot use ${socket.path}: ${socket.error}`, action)
  }
  if (socket.kind === 'tcp') {
    if (socket.tls) return good(id, `Engine at ${socket.url}, with TLS; who has a client certificate is root there`)
    return weak(id, `Engine at ${socket.url}, without TLS`, {
      weakens: 'whoever reaches the port is root there',
      action: 'Use the local socket, or TLS with client certificates (docs/operations.md)',
    })
  }
  const { path, uid, gid, mode } = socket
  const seen = `${path} (owner ${uid}:${gid}, mode ${mode.toString(8)}); who can write it is root`
  if ((mode & 0o002) === 0) return good(id, seen)
  return weak(id, seen, {
    weakens: 'every user of this machine can write it',
    action: `chmod o-rw ${path}`,
  })
}

function judgeSwap({ swapDevices }: LocalFacts): Finding {
  if (swapDevices === null) return good('swap', 'Swap is not looked at: another system, or an engine elsewhere')
  if (swapDevices === 0) return good('swap', 'No swap')
  return weak('swap', `${swapDevices} swap device(s); cells have none, limits hold`, {
    weakens: "the kernel may write pages of the service, candles and keys among them, to the host's disk",
    action: 'Turn swap off, or encrypt it',
  })
}

function judgeControllers({ controllers }: LocalFacts): Finding {
  const id = 'cgroup-controllers'
  if (controllers === null) return good(id, 'Controllers are not looked at: another system, or an engine elsewhere')
  const missing = NEEDED_CONTROLLERS.filter((name) => !controllers.includes(name))
  if (missing.length === 0) return good(id, `cgroup controllers ${controllers.join(', ')}`)
  return {
    ...failing(
      id,
      `The cgroup controllers ${missing.join(', ')} are off`,
      'Enable them in the kernel or for the engine',
    ),
    weakens: 'a cell could take more than its share',
  }
}

function judgeDisk(id: string, what: string, freeBytes: number | null): Finding {
  if (freeBytes === null) return remark(id, `The free space for the ${what} cannot be told`, 'Look at it by hand')
  const seen = `${(freeBytes / GIB).toFixed(1)} GiB free for the ${what}`
  if (freeBytes >= LITTLE_BYTES) return good(id, seen)
  const action = 'Make room; `hotcell prune --older-than 30d` removes old runs'
  return freeBytes >= NO_BYTES ? remark(id, seen, action) : failing(id, seen, action)
}

function judgeNode({ nodeVersion, pinnedNode }: LocalFacts): Finding {
  if (nodeVersion === pinnedNode) return good('node', `Node ${nodeVersion}, the one that is tested`)
  return remark(
    'node',
    `Node ${nodeVersion}, tested is ${pinnedNode}`,
    'Start with `npx hotcell`, or run `node setup.mjs`',
  )
}
