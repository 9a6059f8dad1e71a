import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_LINE_BYTES } from './chain.ts'

export function auditFile(dataDir: string): string {
  return join(dataDir, 'audit.ndjson')
}

/** A line as it lies in the file. */
export interface FileLine {
  /** Without the newline. */
  readonly bytes: Uint8Array
  readonly offset: number
  /** False: the file ends, or the cap is reached, before a newline. */
  readonly whole: boolean
}

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 10

/** The log for reading; null: there is none. */
export async function openForReading(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Lines from the byte offset `from` on, which is the beginning of one. Ends after a line that is not whole. */
export async function* readLines(file: FileHandle, from = 0): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0)
  let offset = from
  for (;;) {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, offset + rest.length)
    if (bytesRead === 0) break
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
    let start = 0
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
      yield { bytes: rest.subarray(start, end), offset: offset + start, whole: true }
      start = end + 1
    }
    rest = rest.subarray(start)
    offset += start
    if (rest.length > MAX_LINE_BYTES) break
  }
  if (rest.length > 0) yield { bytes: rest, offset, whole: false }
}

/** Where the line begins that holds the byte before `end`; `end` is behind a newline, or the size. */
export async function lineStart(file: FileHandle, end: number): Promise<number> {
  const buffer = Buffer.alloc(64 * 1024)
  for (let to = end - 1; to > 0;) {
    const from = Math.max(0, to - buffer.length)
    const { bytesRead } = await file.read(buffer, 0, to - from, from)
    const at = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    if (at >= 0) return from + at + 1
    to = from
  }
  return 0
}

/** Bytes behind the last newline: what a crash left of a line. */
export async function tornTail(file: FileHandle): Promise<{ offset: number; bytes: Uint8Array } | null> {
  const { size } = await file.stat()
  if (size === 0) return null
  const last = Buffer.alloc(1)
  await file.read(last, 0, 1, size - 1)
  if (last[0] === NEWLINE) return null
  const offset = await lineStart(file, size)
  const bytes = Buffer.alloc(Math.min(size - offset, MAX_LINE_BYTES))
  await file.read(bytes, 0, bytes.length, offset)
  return { offset, bytes }
}
