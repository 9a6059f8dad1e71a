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
import { FUNDING_COLUMNS, type FundingSeries } from '../candles/funding-series.ts'
import type { RunHeader } from './header.ts'

export const FRAME_VERSION = 1
export const FRAME_HEADER_BYTES = 16
/** Kinds by number. */
export const FRAME_KINDS = { header: 1, series: 2, decisions: 3, slice: 4, end: 5, questions: 6 } as const
export const FRAME_MAGIC = [0x48, 0x4f, 0x54, 0x43] as const

/** What a series is to the run: candles that are traded, mark prices (L3), funding rows (L1), detail candles (F7). */
export type SeriesKind = 'base' | 'mark' | 'funding' | 'detail'
export type CandleKind = Exclude<SeriesKind, 'funding'>

/** Columns of each kind, in the order in which they are sent and hashed. */
export const SERIES_COLUMNS = {
  base: CANDLE_COLUMNS,
  mark: CANDLE_COLUMNS,
  funding: FUNDING_COLUMNS,
  detail: CANDLE_COLUMNS,
} as const

/** The JSON in front of a series' columns. */
export interface SeriesDescriptor {
  readonly symbol: string
  /** Null: funding has none. */
  readonly interval: CandleSeries['interval'] | null
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
export function encodeSeriesFrame(series: CandleSeries, kind: CandleKind): Uint8Array[] {
  const { symbol, interval, rows } = series
  const columns = CANDLE_COLUMNS.map((name) => series[name])
  return columnsFrame({ symbol, interval, kind, rows, columns: CANDLE_COLUMNS }, columns)
}

/** The same for funding rows. */
export function encodeFundingFrame(series: FundingSeries): Uint8Array[] {
  const { symbol, rows } = series
  const columns = FUNDING_COLUMNS.map((name) => series[name])
  return columnsFrame({ symbol, interval: null, kind: 'funding', rows, columns: FUNDING_COLUMNS }, columns)
}

function columnsFrame(descriptor: SeriesDescriptor, columns: readonly Float64Array[]): Uint8Array[] {
  const text = JSON.stringify(descriptor)
  const bytes = encoder.encode(text)
  const json = encoder.encode(text + ' '.repeat(paddingOf(bytes.length)))
  const head = new Uint8Array(FRAME_HEADER_BYTES + 8 + json.length)
  writeFrameHeader(head, FRAME_KINDS.series, 8 + json.length + descriptor.rows * 8 * columns.length)
  writeLength(new DataView(head.buffer), FRAME_HEADER_BYTES, json.length)
  head.set(json, FRAME_HEADER_BYTES + 8)
  return [head, ...columns.map((column) => new Uint8Array(column.buffer, column.byteOffset, descriptor.rows * 8))]
}

/** Slice frame (look-ahead proof): the rows of all bars that closed up to `time` (ms UTC) stand before it. */
export function encodeSliceFrame(time: number): Uint8Array[] {
  return [smallFrame(FRAME_KINDS.slice, encoder.encode(JSON.stringify({ time })))]
}

/** A question of a look-ahead proof: instant as a slot of the window and in ms UTC, port, parameters as canonical JSON. */
export type QuestionRow = readonly [slot: number, time: number, port: string, args: string]

/** What code of the user is asked in phase 2; `hasLegs`: functions of legs are part of it in this run. */
export interface Questions {
  readonly hasLegs: boolean
  readonly rows: readonly QuestionRow[]
}

/** Questions frame (look-ahead proof). */
export function encodeQuestionsFrame(questions: Questions): Uint8Array[] {
  return [smallFrame(FRAME_KINDS.questions, encoder.encode(JSON.stringify(questions)))]
}

/** Decisions frame: what a unit decided in an earlier attempt, as a checkpoint's bytes (`encodeUnitCheckpoint`). */
export function encodeDecisionsFrame(checkpoint: Uint8Array): Uint8Array[] {
  return [smallFrame(FRAME_KINDS.decisions, checkpoint)]
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
