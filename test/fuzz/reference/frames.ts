import { createHash } from 'node:crypto'
import type { FrameLimits } from '../../../src/protocol/frame-limits.ts'

/** What a parser of the cell's stdin has said, and how it ended. */
export interface FramesOutcome {
  readonly said: readonly string[]
  readonly end: 'ended' | 'waiting' | 'error'
}

const INTERVALS = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d', '3d', '1w', '1M']
const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume']

class Bad extends Error {}
class Waiting extends Error {}

function need(condition: boolean): void {
  if (!condition) throw new Bad()
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Bad()
  }
}

/** The whole stream at once, as its form is described; what is not there yet is waited for. */
export function readFramesNaively(stream: Uint8Array, limits: FrameLimits): FramesOutcome {
  const bytes = Buffer.from(stream)
  const said: string[] = []
  let at = 0
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Waiting()
    return bytes.subarray(at, (at += length))
  }
  let frames = 0
  let series = 0
  let columnBytes = 0

  const readSmall = (length: number): Buffer => {
    const padded = take(Math.ceil(length / 8) * 8)
    need(padded.subarray(length).every((byte) => byte === 0))
    return padded.subarray(0, length)
  }
  const readSeries = (length: number): void => {
    need((series += 1) <= limits.seriesCount && length >= 8)
    const descriptorLength = Number(take(8).readBigUInt64LE())
    need(descriptorLength > 0 && descriptorLength % 8 === 0)
    need(descriptorLength <= limits.descriptorBytes && 8 + descriptorLength <= length)
    const { symbol, interval, kind, rows, columns } = (json(take(descriptorLength)) ?? {}) as Record<string, unknown>
    need(typeof symbol === 'string' && symbol.length > 0 && symbol.length <= 64)
    need(INTERVALS.includes(interval as string))
    need(Number.isSafeInteger(rows) && (rows as number) >= 0 && (rows as number) <= 2 ** 31)
    need(Array.isArray(columns) && columns.length === COLUMNS.length)
    need(COLUMNS.every((name, i) => (columns as unknown[])[i] === name))
    const size = (rows as number) * 48
    need(length === 8 + descriptorLength + size && (columnBytes += size) <= limits.columnBytes && kind === 'base')
    said.push(`series ${symbol as string} ${interval as string} ${rows as number} ${take(size).toString('hex')}`)
  }

  try {
    for (;;) {
      const begin = at
      const header = take(16)
      need(header.subarray(0, 4).toString('latin1') === 'HOTC' && header[4] === 1 && header.readUInt16LE(6) === 0)
      const kind = header[5]!
      const length = Number(header.readBigUInt64LE(8))
      if (kind === 1) {
        need(frames === 0 && length <= limits.headerBytes)
        said.push(`header ${JSON.stringify(json(readSmall(length)))}`)
      } else if (kind === 5) {
        need(frames > 0 && length <= 4096)
        const sha256 = createHash('sha256').update(bytes.subarray(0, begin)).digest('hex')
        const end = json(readSmall(length)) as { frames?: unknown; sha256?: unknown } | null
        need(end?.frames === frames && end.sha256 === sha256)
        said.push('end')
        need(at === bytes.length)
        return { said, end: 'ended' }
      } else {
        need(frames > 0 && kind === 2)
        readSeries(length)
      }
      frames += 1
    }
  } catch (error) {
    if (error instanceof Waiting) return { said, end: 'waiting' }
    if (error instanceof Bad) return { said, end: 'error' }
    throw error
  }
}
