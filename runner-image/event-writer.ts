import { writeSync } from 'node:fs'
import type { CellEvent } from '../src/protocol/events.ts'

export const MAX_EVENT_LINE = 65_536
const pause = new Int32Array(new SharedArrayBuffer(4))

/** Writes all bytes to a descriptor whatever its mode: short writes go on, a full non-blocking pipe is waited for. */
export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}

/** One JSON line on stderr. Returns its length in bytes. */
export function writeEvent(event: CellEvent): number {
  let bytes = Buffer.from(`${JSON.stringify(event)}\n`)
  if (bytes.length > MAX_EVENT_LINE) {
    bytes = Buffer.from(`${JSON.stringify(shorten(event, bytes.length - MAX_EVENT_LINE))}\n`)
  }
  writeFully(2, bytes)
  return bytes.length
}

/** Escapes can make a text longer than the line: it is cut, and says so. */
function shorten(event: CellEvent, over: number): CellEvent {
  if (event.type === 'log') {
    const { fields: _fields, ...rest } = event
    const keep = Math.floor((MAX_EVENT_LINE - 512) / 6)
    return { ...rest, text: `${event.text.slice(0, keep)}… (cut: the line was ${over} bytes too long)` }
  }
  if (event.type === 'fatal') return { ...event, message: event.message.slice(0, 4096) }
  return event
}
