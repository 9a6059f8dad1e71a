import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CellEvent } from '../../src/protocol/events.ts'
import { Demux } from './demux.ts'
import type { EngineClient } from './docker-client.ts'
import { followContainerLogs } from './engine-calls.ts'
import { parseEventLine } from './event-lines.ts'
import type { SandboxPolicy } from './policy.ts'

/**
 * Hears what a cell says from now on, through the engine's log: for signs of life and progress only, since a followed log comes
 * out short or long. Whenever it is deaf, because the engine is away or has ended the stream, the cell is not called silent.
 */
export interface FollowListener {
  readonly onHeard: () => void
  readonly onEvent: (event: CellEvent) => void
}

const AGAIN_MS = 1000
const NEWLINE = 10

export function followEvents(
  engine: EngineClient,
  { containerId, policy }: { readonly containerId: string; readonly policy: SandboxPolicy },
  listener: FollowListener,
): { stop(): void } {
  const abort = new AbortController()
  const follow = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      await followOnce(engine, { containerId, policy, listener, signal: abort.signal }).catch(() => {})
      listener.onHeard()
      await sleep(AGAIN_MS, undefined, { signal: abort.signal, ref: false }).catch(() => {})
    }
  }
  void follow()
  return { stop: () => abort.abort() }
}

async function followOnce(
  engine: EngineClient,
  of: {
    readonly containerId: string
    readonly policy: SandboxPolicy
    readonly listener: FollowListener
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { containerId, policy, listener, signal } = of
  const stream = await followContainerLogs(engine, containerId, signal)
  const lines = createLines(policy.lineBytes, (line) => {
    const event = parseEventLine(line)
    if (event !== null) listener.onEvent(event)
  })
  const demux = new Demux({
    stdoutBytes: 0,
    stderrBytes: Infinity,
    onStdout: () => {},
    onStderr: (bytes) => lines(bytes),
    onOverflow: () => {},
  })
  stream.on('data', (chunk: Buffer) => {
    listener.onHeard()
    try {
      demux.push(chunk)
    } catch (error) {
      stream.destroy(error as Error)
    }
  })
  await finished(stream)
}

/** Whole lines up to a length; a longer one is left out. */
function createLines(maxBytes: number, onLine: (line: Uint8Array) => void): (bytes: Uint8Array) => void {
  let parts: Uint8Array[] = []
  let length = 0
  return (bytes) => {
    let from = 0
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      const end = bytes.subarray(from, at)
      if (length + end.length <= maxBytes) onLine(Buffer.concat([...parts, end]))
      parts = []
      length = 0
      from = at + 1
    }
    const rest = bytes.subarray(from)
    length += rest.length
    if (length <= maxBytes) parts.push(rest)
    else parts = []
  }
}
