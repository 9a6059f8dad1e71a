import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PlatformError } from '../../src/errors.ts'
import type { AuditEvent } from './audit-event.ts'
import { lineStart, readLines, tornTail } from './audit-lines.ts'
import { buildLine, type ChainHead, checkLine, checkNext, GENESIS, MAX_LINE_BYTES, sha256 } from './chain.ts'

/** How much of its end is checked when the log is opened: some hundred lines. */
const CHECKED_BYTES = 128 * 1024

/** The writing side of the file. Everything is called under the write lock. */
export interface AuditFile {
  readonly file: FileHandle
  /** Bytes, all of them whole lines of the chain up to `head`. */
  size: number
  head: ChainHead
}

/** @throws the error of the file system; PlatformError audit_damaged */
export async function openAuditFile(path: string): Promise<AuditFile> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600)
  try {
    const { size } = await file.stat()
    if (size === 0) await syncDirectory(dirname(path))
    return { file, size: -1, head: GENESIS }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/**
 * Brings `log` to the end of the file, where another process may have written. What a crash tore is cut off and answered.
 * @throws PlatformError audit_damaged
 */
export async function catchUp(log: AuditFile, path: string): Promise<AuditEvent | null> {
  const { size, ino } = await log.file.stat()
  const there = await stat(path).catch(() => null)
  // What is written to a file that nobody finds any more is lost
  if (there?.ino !== ino) throw damaged(path, 'the file was taken away or replaced while it was in use')
  if (size === log.size) return null
  if (size < log.size) throw damaged(path, `it has ${size} bytes, expected at least ${log.size}: its end is missing`)
  const torn = await tornTail(log.file)
  if (torn !== null && torn.bytes.length >= MAX_LINE_BYTES) throw damaged(path, 'its last line has no end')
  const end = torn?.offset ?? size
  await checkEnd(log, path, end)
  if (torn === null) return null
  await log.file.truncate(end)
  return { type: 'tail_repaired', offset: torn.offset, bytes: torn.bytes.length, sha256: sha256(torn.bytes) }
}

/** Checks what is new, or the last lines of a log that is opened, and takes over its head. */
async function checkEnd(log: AuditFile, path: string, end: number): Promise<void> {
  let from = log.size
  if (from < 0) from = end <= CHECKED_BYTES ? 0 : await lineStart(log.file, end - CHECKED_BYTES)
  let head = log.size >= 0 || from === 0 ? (log.size < 0 ? GENESIS : log.head) : null
  for await (const { bytes, offset } of readLines(log.file, from)) {
    if (offset >= end) break
    const check = head === null ? checkLine(bytes) : checkNext(head, bytes)
    if (!check.ok) throw damaged(path, `the line at byte ${offset} cannot be right: ${check.problem}`)
    head = { sequence: check.record.sequence, hash: check.record.hash }
  }
  log.head = head ?? GENESIS
  log.size = end
}

function damaged(path: string, state: string): PlatformError {
  return new PlatformError('audit_damaged', `Cannot go on with the audit log "${path}": ${state}`)
}

/** Writes and syncs lines for the events; a write that fails leaves the file as it was, or torn where even that fails. */
export async function appendEvents(log: AuditFile, events: readonly AuditEvent[]): Promise<void> {
  let head = log.head
  let text = ''
  const at = new Date().toISOString()
  for (const event of events) {
    const next = buildLine(head, at, event)
    text += next.line
    head = next.head
  }
  const bytes = Buffer.from(text)
  try {
    await log.file.appendFile(bytes)
    await log.file.datasync()
  } catch (error) {
    await log.file.truncate(log.size).catch(() => (log.size = -1))
    throw error
  }
  log.head = head
  log.size += bytes.length
}
