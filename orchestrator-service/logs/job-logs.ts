import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { LogEntry } from './job-log.ts'

/**
 * Theory of operation. A job has one append-only NDJSON file; the place of a line is its byte offset, which never changes.
 * Entries are collected for a few milliseconds and written together; readers see whole lines only, and only what was
 * written, so that an offset that was once given out stays good. A process that died in the middle of a write leaves a torn last line: it
 * is cut off before the next entry is written. Nothing here syncs to disk: after a loss of power the last lines may be
 * missing, never the job.
 */
export interface JobLogs extends AsyncDisposable {
  /** Takes an entry; it can be read a little later. Entries of a job keep their order. */
  append(id: string, entry: LogEntry): void
  /** Bytes that can be read. */
  size(id: string): Promise<number>
  /** Whole lines from the byte offset `from` on, at most about `maxBytes` (one line at least), and the offset after them. */
  read(
    id: string,
    range: { readonly from: number; readonly maxBytes: number },
  ): Promise<{ bytes: Uint8Array; next: number }>
  /** Writes what was taken and closes the file. @throws the error of a write that failed on the way */
  close(id: string): Promise<void>
}

export interface JobLogsOptions {
  readonly pathOf: (id: string) => string
  /** Called after each write. */
  readonly onWritten: (id: string) => void
}

const FLUSH_MS = 20
const NEWLINE = 10
const CHUNK_BYTES = 64 * 1024

/** The writing side of one file. */
interface Writer {
  pending: string[]
  timer: NodeJS.Timeout | null
  /** Ends with the last write so far. */
  tail: Promise<void>
  file: FileHandle | null
  /** Bytes in the file, all of them whole lines. */
  size: number
  failure: unknown
}

export function createJobLogs({ pathOf, onWritten }: JobLogsOptions): JobLogs {
  const writers = new Map<string, Writer>()

  const write = async (id: string, writer: Writer): Promise<void> => {
    writer.file ??= await openForAppend(pathOf(id))
    if (writer.size < 0) writer.size = await cutTornLine(writer.file)
    const bytes = Buffer.from(writer.pending.splice(0).join(''))
    if (bytes.length === 0) return
    await writer.file.appendFile(bytes)
    writer.size += bytes.length
    onWritten(id)
  }
  const flush = async (id: string, writer: Writer): Promise<void> => {
    clearTimeout(writer.timer ?? undefined)
    writer.timer = null
    writer.tail = writer.tail.then(async () => {
      try {
        if (writer.failure === null) await write(id, writer)
      } catch (error) {
        writer.failure = error
      }
    })
    await writer.tail
  }
  const close = async (id: string): Promise<void> => {
    const writer = writers.get(id)
    if (writer === undefined) return
    do await flush(id, writer)
    while (writer.pending.length > 0 && writer.failure === null)
    writers.delete(id)
    await writer.file?.close()
    if (writer.failure !== null) throw writer.failure
  }
  const size = async (id: string): Promise<number> => {
    const writer = writers.get(id)
    if (writer !== undefined && writer.size >= 0) return writer.size
    return await withFile(pathOf(id), 0, async (file) => (await findLastLine(file)).end)
  }

  return {
    append(id, entry) {
      let writer = writers.get(id)
      if (writer === undefined) {
        writer = { pending: [], timer: null, tail: Promise.resolve(), file: null, size: -1, failure: null }
        writers.set(id, writer)
      }
      writer.pending.push(`${JSON.stringify(entry)}\n`)
      const opened = writer
      writer.timer ??= setTimeout(() => void flush(id, opened), FLUSH_MS)
    },
    size,
    close,
    async read(id, { from, maxBytes }) {
      const end = await size(id)
      const nothing = { bytes: new Uint8Array(0), next: Math.min(from, end) }
      if (from >= end) return nothing
      return await withFile(pathOf(id), nothing, async (file) => await readLines(file, { from, end, maxBytes }))
    },
    async [Symbol.asyncDispose]() {
      for (const id of writers.keys()) await close(id)
    },
  }
}

async function openForAppend(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true })
  return await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o644)
}

async function withFile<T>(path: string, missing: T, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return missing
    throw error
  }
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

/** Where the last whole line ends. */
async function findLastLine(file: FileHandle): Promise<{ end: number; size: number }> {
  const { size } = await file.stat()
  const buffer = Buffer.alloc(CHUNK_BYTES)
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - CHUNK_BYTES)
    const { bytesRead } = await file.read(buffer, 0, end - from, from)
    const at = buffer.lastIndexOf(NEWLINE, bytesRead - 1)
    if (at >= 0 && bytesRead > 0) return { end: from + at + 1, size }
    end = from
  }
  return { end: 0, size }
}

async function cutTornLine(file: FileHandle): Promise<number> {
  const { end, size } = await findLastLine(file)
  if (end < size) await file.truncate(end)
  return end
}

/** The file holds whole lines up to `end`. */
async function readLines(
  file: FileHandle,
  { from, end, maxBytes }: { from: number; end: number; maxBytes: number },
): Promise<{ bytes: Uint8Array; next: number }> {
  const buffers: Buffer[] = []
  let at = from
  while (at < end) {
    const buffer = Buffer.alloc(Math.min(at === from ? Math.max(1, maxBytes) : CHUNK_BYTES, end - at))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) break
    const bytes = buffer.subarray(0, bytesRead)
    // Cut after the last line; when the first line is longer than asked for, go on to its end
    const newline = buffers.length === 0 ? bytes.lastIndexOf(NEWLINE) : bytes.indexOf(NEWLINE)
    buffers.push(newline < 0 ? bytes : bytes.subarray(0, newline + 1))
    at += newline < 0 ? bytesRead : newline + 1
    if (newline >= 0) break
  }
  return { bytes: Buffer.concat(buffers), next: at }
}
