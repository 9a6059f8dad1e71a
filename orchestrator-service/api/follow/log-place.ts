import type { LogFiles } from '../context.ts'

const NEWLINE = 10

/** Whether a byte offset within a job's log is the beginning of a line, or its end. */
export async function isLineStart(logs: LogFiles, id: string, offset: number): Promise<boolean> {
  if (offset === 0) return true
  const { bytes } = await logs.read(id, { from: offset - 1, maxBytes: 1 })
  return bytes[0] === NEWLINE
}
