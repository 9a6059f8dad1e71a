/**
 * Theory of operation. The program of a cell. It attests what it sees of itself before it reads a byte, starts its threads
 * while it waits for stdin, supervises one run and writes one document to stdout. Every expected end, good or bad, is a
 * document and exit code 0. After a `fatal` event nothing in this process can be relied on: the host kills the cell; should
 * it not, the process aborts by itself (a normal exit would wait for a thread that may never end).
 */
import { availableParallelism, totalmem } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { coresOf, readAttestation } from './attestation.ts'
import { ClaimedEnd, FatalEnd } from './claims.ts'
import { writeEvent, writeFully } from './event-writer.ts'
import { Monitor } from './pool/monitor.ts'
import { Pool } from './pool/pool.ts'
import { StdinReader } from './stdin-reader.ts'
import { superviseRun } from './supervise.ts'
import type { ClaimedOutcome } from '../src/protocol/outcome.ts'

const FATAL_GRACE_MS = 5000
const STUCK_MS = 300
const OK: ClaimedOutcome = {
  kind: 'ok',
  reason: null,
  message: 'The run is complete',
  hint: null,
  location: null,
  lastBarTime: null,
}

function usage(bars: number): object {
  const { user, system } = process.cpuUsage()
  return { cpuNanos: (user + system) * 1000, peakMemoryBytes: process.resourceUsage().maxRSS * 1024, bars }
}

/** Writes the result document. `members` is JSON text that follows the fixed ones. */
function writeResult(outcome: ClaimedOutcome, bars: number, members: string): void {
  const head = `{"v":1,"outcome":${JSON.stringify(outcome)},"usage":${JSON.stringify(usage(bars))}`
  writeFully(1, Buffer.from(`${head}${members === '' ? '' : `,${members}`}}\n`))
}

function waitForKill(end: FatalEnd): void {
  const { kind, message, barTime } = end
  writeEvent({ type: 'fatal', kind, message, barTime })
  void setTimeout(FATAL_GRACE_MS).then(() => process.abort())
}

async function main(): Promise<void> {
  const attestation = readAttestation()
  writeEvent({ type: 'attestation', attestation })
  const memoryBytes = attestation.memoryBytes > 0 ? Math.min(attestation.memoryBytes, totalmem()) : totalmem()
  const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.mjs', import.meta.url)
  const pool = new Pool(coresOf(attestation, availableParallelism()), {
    entry,
    heapMegabytes: Math.floor((memoryBytes * 0.75) / 1_048_576),
  })
  const monitor = new Monitor(pool.threads, writeEvent)
  pool.onIdle = (thread) => monitor.drain(thread)
  try {
    const { members, bars } = await superviseRun({ reader: new StdinReader(memoryBytes * 0.75), pool, monitor })
    writeResult(OK, bars, members)
  } catch (error) {
    if (!(error instanceof ClaimedEnd)) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      waitForKill(error instanceof FatalEnd ? error : new FatalEnd('internal', message))
      return
    }
    writeResult(error.outcome, 0, '')
  }
  await leave(pool)
}

/**
 * Exits with code 0. A normal exit waits for all threads, and a realm in an endless loop never ends: then the process image
 * is replaced by one that exits at once.
 */
async function leave(pool: Pool): Promise<void> {
  pool.stopAll()
  for (let waited = 0; pool.busy && waited < STUCK_MS; waited += 10) await setTimeout(10)
  if (pool.busy) process.execve?.(process.execPath, [process.execPath, '-e', '0'], {})
  process.exit(0)
}

await main()
