import type { FileHandle } from 'node:fs/promises'
import type { AuditRecord } from './audit-event.ts'
import { lineStart, openForReading, readLines } from './audit-lines.ts'
import { MAX_LINE_BYTES, parseRecord } from './chain.ts'
import { PlatformError } from '../../src/errors.ts'

export interface RecordFilter {
  /** Sequence of the first record that is wanted. */
  readonly from?: number
  /** Of the last one. */
  readonly to?: number
  readonly type?: string
  readonly job?: string
}

/** A record and the bytes of its line, without the newline. */
export interface ReadRecord {
  readonly record: AuditRecord
  readonly bytes: Uint8Array
}

/**
 * Records in their order, as they stand there: nothing is proved by reading them. A torn last line is left out.
 * @throws PlatformError audit_damaged for a line that is no record
 */
export async function* readRecords(path: string, filter: RecordFilter = {}): AsyncGenerator<ReadRecord> {
  const file = await openForReading(path)
  if (file === null) return
  try {
    const { from = 1, to = Infinity } = filter
    const start = from <= 1 ? 0 : await findSequence(file, from)
    for await (const { bytes, offset, whole } of readLines(file, start)) {
      if (!whole) return
      const record = parseRecord(bytes)
      if (record === null) throw noRecord(offset)
      if (record.sequence > to) return
      if (record.sequence >= from && matches(record, filter)) yield { record, bytes }
    }
  } finally {
    await file.close()
  }
}

/** Byte where the record with this sequence begins, or where the first one after it would be; found by halving. */
async function findSequence(file: FileHandle, sequence: number): Promise<number> {
  const { size } = await file.stat()
  let low = 0
  let high = size
  while (low < high) {
    const start = await lineStart(file, Math.floor((low + high) / 2) + 1)
    const line = await readOne(file, start)
    // A torn last line comes after all others
    const found = line === null ? Infinity : line.sequence
    if (found === sequence) return start
    if (found > sequence) high = start
    else low = line!.end
  }
  return low
}

async function readOne(file: FileHandle, start: number): Promise<{ sequence: number; end: number } | null> {
  for await (const { bytes, whole } of readLines(file, start)) {
    if (!whole && bytes.length < MAX_LINE_BYTES) return null
    const record = parseRecord(bytes)
    if (record === null) throw noRecord(start)
    return { sequence: record.sequence, end: start + bytes.length + 1 }
  }
  return null
}

function noRecord(offset: number): PlatformError {
  return new PlatformError('audit_damaged', `Cannot read the audit log: at byte ${offset} there is no record`)
}

function matches({ event }: AuditRecord, { type, job }: RecordFilter): boolean {
  if (type !== undefined && event.type !== type) return false
  if (job === undefined || event['job'] === job) return true
  const jobs = event['jobs']
  return Array.isArray(jobs) && jobs.includes(job)
}
