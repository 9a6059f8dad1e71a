import { spawn } from 'node:child_process'
import type { Attestation } from '../../../src/protocol/events.ts'
import type { Cell } from '../../../orchestrator-service/sandbox/cell-handle.ts'
import { EventLines } from '../../../orchestrator-service/sandbox/event-lines.ts'
import {
  type CellCause,
  type CellExit,
  mapExit,
  mapFatal,
  signalOf,
} from '../../../orchestrator-service/sandbox/exit.ts'
import type { CellListeners } from '../../../orchestrator-service/sandbox/pool/shelf.ts'

const LINE_BYTES = 65_536
const CHECKPOINT_BYTES = 2 ** 26
const LOG_BYTES = 2 ** 23

/** The program of the cell (`main`: its main.mjs) as a process under plain Node: everything but the container around it. */
export function startProcessCell(main: string, { onEvent, onLog }: CellListeners): Cell {
  const started = performance.now()
  const args = ['--no-node-snapshot', '--disable-warning=ExperimentalWarning', main]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { TZ: 'UTC' } })
  const attested = Promise.withResolvers<Attestation>()
  attested.promise.catch(() => {})
  let cause: CellCause | null = null
  const kill = (why: CellCause): void => {
    cause ??= why
    child.kill('SIGKILL')
  }
  const lines = new EventLines({
    lineBytes: LINE_BYTES,
    checkpointBytes: CHECKPOINT_BYTES,
    logBytes: LOG_BYTES,
    onOverflow: (stream) => kill({ kind: 'limit_exceeded', reason: 'output', message: `Too much ${stream}` }),
    now: () => Date.now(),
    onLog,
    onFlood: () => {},
    onEvent(event) {
      if (event.type === 'attestation') attested.resolve(event.attestation)
      if (event.type === 'fatal') kill(mapFatal(event))
      onEvent(event)
    },
  })
  const stdout: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => lines.push(chunk))
  // What a cell that has ended was still to read
  child.stdin.on('error', () => {})
  const ended = new Promise<CellExit>((resolve) => {
    child.on('close', (code, signal) => {
      lines.end()
      attested.reject(new Error('The cell ended before it attested'))
      const exitCode = signal === 'SIGKILL' ? 137 : code
      const killedBy = cause === null ? null : 'host'
      const output = Buffer.concat(stdout)
      resolve({
        cause: mapExit({ cause, killedBy, exitCode, oomKilled: false }),
        killedBy,
        exitCode,
        signal: signalOf(exitCode),
        oomKilled: false,
        stdout: output,
        stdoutDroppedBytes: 0,
        stderr: lines.summary(),
        logs: lines.logs,
        lastBarTime: null,
        usage: {
          wallMs: performance.now() - started,
          cpuNanos: null,
          peakMemoryBytes: null,
          stdoutBytes: output.length,
          stderrBytes: lines.summary().bytes,
        },
        limits: {},
        engine: 'kept',
        removed: true,
        remains: { cgroup: 'gone', afterMs: 0 },
      })
    })
  })
  const id = `process-${child.pid}`
  return {
    id,
    name: id,
    containerId: id,
    attested: attested.promise,
    async send(chunks) {
      for (const chunk of chunks) await new Promise<void>((resolve) => child.stdin.write(chunk, () => resolve()))
    },
    endInput() {
      child.stdin.end()
      return Promise.resolve(true)
    },
    kill,
    rename: () => Promise.resolve(),
    release: () => {},
    keep: () => {},
    ended,
    finished: ended,
  }
}
