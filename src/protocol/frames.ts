/**
 * Theory of operation. The cell's stdin is a sequence of frames (SHAPES 5):
 *
 *   0 `HOTC`   4 u8 version 1   5 u8 kind   6 u16 0   8 u64 payload length (LE)   16 payload, zero-padded to 8
 *
 * A `series` payload is: u64 length n of the descriptor, n bytes of descriptor JSON (padded with spaces, n is a multiple
 * of 8), then the raw little-endian columns in CANDLE_COLUMNS order. So every column lies 8-aligned in the stream and its
 * bytes are exactly those that are hashed. The last frame is `end` = {frames, sha256}: the number of frames and the sha256
 * of all bytes before it; without it the sender died.
 */
import { CANDLE_COLUMNS, type CandleSeries } from '../candles/series.ts'
import type { RunHeader } from './header.ts'

export const FRAME_VERSION = 1
export const FRAME_HEADER_BYTES = 16
/** Kinds by number; `decisions` (resume) is reserved. */
export const FRAME_KINDS = { header: 1, series: 2, decisions: 3, slice: 4, end: 5 } as const
export const FRAME_MAGIC = [0x48, 0x4f, 0x54, 0x43] as const

/** What a candle series is to the run; `base` is the only one in scope. */
export type SeriesKind = 'base'

/** The JSON in front of a series' columns. */
export interface SeriesDescriptor {
  readonly symbol: string
  readonly interval: CandleSeries['interval']
  readonly kind: SeriesKind
  readonly rows: number
  readonly columns: readonly string[]
}

const encoder = new TextEncoder()

/** Header frame as chunks to write one after another. */
export function encodeHeaderFrame(header: RunHeader): Uint8Array[] {
  return [smallFrame(FRAME_KINDS.header, encoder.encode(JSON.stringify(header)))]
}

/**
 * Series frame as chunks: the frame header with the descriptor, then one view on each column (no copy).
 * The columns must not change until the chunks are written.
 */
export function encodeSeriesFrame(series: CandleSeries, kind: SeriesKind): Uint8Array[] {
  const descriptor: SeriesDescriptor = {
    symbol: series.symbol,
    interval: series.interval,
    kind,
    rows: series.rows,
    columns: CANDLE_COLUMNS,
  }
  const text = JSON.stringify(descriptor)
  const bytes = encoder.encode(text)
  const json = encoder.encode(text + ' '.repeat(paddingOf(bytes.length)))
  const head = new Uint8Array(FRAME_HEADER_BYTES + 8 + json.length)
  writeFrameHeader(head, FRAME_KINDS.series, 8 + json.length + series.rows * 8 * CANDLE_COLUMNS.length)
  writeLength(new DataView(head.buffer), FRAME_HEADER_BYTES, json.length)
  head.set(json, FRAME_HEADER_BYTES + 8)
  const columns = CANDLE_COLUMNS.map((name) => {
    const column = series[name]
    return new Uint8Array(column.buffer, column.byteOffset, series.rows * 8)
  })
  return [head, ...columns]
}

/** Slice frame (look-ahead proof): the rows of all bars that closed up to `time` (ms UTC) stand before it. */
export function encodeSliceFrame(time: number): Uint8Array[] {
  return [smallFrame(FRAME_KINDS.slice, encoder.encode(JSON.stringify({ time })))]
}

/** End frame: `frameCount` = frames before it, `sha256Hex` = sha256 of all bytes before it. */
export function encodeEndFrame(frameCount: number, sha256Hex: string): Uint8Array[] {
  return [smallFrame(FRAME_KINDS.end, encoder.encode(JSON.stringify({ frames: frameCount, sha256: sha256Hex })))]
}

/** Bytes that bring `length` up to the next multiple of 8. */
export function paddingOf(length: number): number {
  return (8 - (length % 8)) % 8
}

function smallFrame(kind: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + payload.length + paddingOf(payload.length))
  writeFrameHeader(frame, kind, payload.length)
  frame.set(payload, FRAME_HEADER_BYTES)
  return frame
}

function writeFrameHeader(target: Uint8Array, kind: number, payloadBytes: number): void {
  target.set(FRAME_MAGIC)
  target[4] = FRAME_VERSION
  target[5] = kind
  writeLength(new DataView(target.buffer), 8, payloadBytes)
}

function writeLength(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 4_294_967_296, true)
  view.setUint32(offset + 4, Math.floor(value / 4_294_967_296), true)
}
