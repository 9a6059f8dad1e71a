/**
 * Theory of operation. Supervises one run and writes one document to stdout. Every expected end, good or bad, is a document
 * and exit code 0. After a `fatal` event nothing in this process can be relied on: the host kills the cell; should it not,
 * the process aborts by itself (a normal exit would wait for a thread that may never end).
 */
import { existsSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { ClaimedEnd, FatalEnd } from './claims.ts'
import { writeEvent, writeFully } from './event-writer.ts'
import { Monitor } from './pool/monitor.ts'
import { Pool } from './pool/pool.ts'
import { StdinReader } from './stdin-reader.ts'
import { superviseRun } from './supervise.ts'
import type { Attestation } from '../src/protocol/events.ts'
import type { ClaimedOutcome } from '../src/protocol/outcome.ts'

/** A cell that has got nothing for so long waits for its job: it uses the time. The job of a cold one comes sooner. */
const IDLE_MS = 50
const FATAL_GRACE_MS = 5000
const TEARDOWN_MS = 100
const MAPS = '/proc/self/maps'
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

/** Of the quota that the cell sees: as many threads as a job uses that does not ask for another number. */
function coresOf({ cpuQuota, cpuPeriod }: Attestation): number {
  return cpuQuota > 0 && cpuPeriod > 0 ? Math.max(1, Math.round(cpuQuota / cpuPeriod)) : 1
}

/** Reads one job, does it and answers; the process ends when this is done. */
export async function serveJob(attestation: Attestation): Promise<void> {
  const memoryBytes = attestation.memoryBytes > 0 ? Math.min(attestation.memoryBytes, totalmem()) : totalmem()
  const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.mjs', import.meta.url)
  const pool = new Pool({
    entry,
    heapMegabytes: Math.floor((memoryBytes * 0.75) / 1_048_576),
    onUnready: (message) => writeEvent({ type: 'unready', message: message.slice(0, 4096) }),
  })
  const monitor = new Monitor(pool, writeEvent)
  pool.onIdle = (executor) => monitor.drain(executor)
  const reader = new StdinReader(memoryBytes * 0.75)
  const getReady = globalThis.setTimeout(() => pool.makeReady(coresOf(attestation), memoryBytes), IDLE_MS)
  try {
    await reader.waitForInput().finally(() => clearTimeout(getReady))
    const { members, bars } = await superviseRun({ reader, pool, monitor })
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
 * Ends with code 0 and without any teardown: a normal exit waits for a realm that loops for ever, and one that comes while
 * isolated-vm still takes a realm apart ends in a segmentation fault. The process image is replaced by the system's loader,
 * which is in the image anyway, looks at a file and exits: a millisecond, and the kernel ends the threads.
 */
async function leave(pool: Pool): Promise<void> {
  pool.stopAll()
  const loader = findLoader()
  if (loader !== null) process.execve?.(loader, [loader, '--verify', process.execPath], {})
  await setTimeout(TEARDOWN_MS)
  process.exit(0)
}

/** The dynamic loader that this process was started with. */
function findLoader(): string | null {
  if (!existsSync(MAPS)) return null
  const match = /(\/\S*\/ld-linux\S*)$/m.exec(readFileSync(MAPS, 'utf8'))
  return match?.[1] ?? null
}
