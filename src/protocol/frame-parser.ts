/**
 * Theory of operation. A push parser that never holds more than it must: a frame header, a descriptor or a small payload is
 * collected in a buffer of its own; the columns of a series go straight into the memory that `allocate` gave (one block a
 * series, SharedArrayBuffers in the runner). While columns are expected `target()` is the free rest of that block, so that
 * a reader can let the kernel write there and call `advance(n)` instead of `push(chunk)`.
 * Everything is checked before memory is taken for it; the first violation throws and the parser is dead.
 */
import { INTERVALS, type Interval } from '../candles/interval.ts'
import type { FundingSeries } from '../candles/funding-series.ts'
import type { CandleSeries } from '../candles/series.ts'
import { PlatformError } from '../errors.ts'
import type { Hasher } from '../math/hasher.ts'
import { DEFAULT_FRAME_LIMITS, type FrameLimits } from './frame-limits.ts'
import {
  FRAME_HEADER_BYTES,
  FRAME_KINDS,
  FRAME_MAGIC,
  FRAME_VERSION,
  paddingOf,
  SERIES_COLUMNS,
  type CandleKind,
  type SeriesKind,
} from './frames.ts'

export interface FrameHandlers {
  /** The header frame's JSON. */
  header(value: unknown): void
  series(series: CandleSeries, kind: CandleKind): void
  funding(series: FundingSeries): void
  /** All rows that closed up to `time` have come. */
  slice?(time: number): void
  /** What code of the user is asked; the JSON as it came. */
  questions?(questions: unknown): void
  /** A checkpoint of an earlier attempt. */
  decisions?(checkpoint: Uint8Array): void
  end(): void
}

type State = 'frame' | 'small' | 'descriptorLength' | 'descriptor' | 'columns' | 'ended'

/** Of the payload of an end or slice frame. */
const SMALL_BYTES = 4096

/** Parses the frames of the cell's stdin. @throws PlatformError `protocol` at the first byte that does not belong. */
export class FrameParser {
  readonly #handlers: FrameHandlers
  readonly #hasher: Hasher
  #limits: FrameLimits
  readonly #allocate: (bytes: number) => ArrayBufferLike
  #state: State = 'frame'
  #kind = 0
  #payloadBytes = 0
  #collected = new Uint8Array(FRAME_HEADER_BYTES)
  #filled = 0
  #columns: Uint8Array = new Uint8Array(0)
  /** Hands over the series whose columns are being read. */
  #deliver: (() => void) | null = null
  #frames = 0
  #seriesCount = 0
  #slices = 0
  #questions = 0
  #checkpointBytes = 0
  #columnBytes = 0
  #sawHeader = false
  #failed = false

  constructor(options: {
    handlers: FrameHandlers
    hasher: Hasher
    limits?: Partial<FrameLimits>
    allocate?: (bytes: number) => ArrayBufferLike
  }) {
    this.#handlers = options.handlers
    this.#hasher = options.hasher
    this.#limits = { ...DEFAULT_FRAME_LIMITS, ...options.limits }
    this.#allocate = options.allocate ?? ((bytes) => new ArrayBuffer(bytes))
  }

  /** From now on other limits hold: what comes after a header depends on what it says. */
  limit(limits: Partial<FrameLimits>): void {
    this.#limits = { ...this.#limits, ...limits }
  }

  /** Whether the `end` frame has been read and its sum was right. */
  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** Whether the stream stands between two frames. */
  get betweenFrames(): boolean {
    return this.#state === 'ended' || (this.#state === 'frame' && this.#filled === 0)
  }

  /** Where the next bytes of the stream belong if they are column bytes, else null. */
  target(): Uint8Array | null {
    return this.#state === 'columns' ? this.#columns.subarray(this.#filled) : null
  }

  /** `bytes` bytes have been written at the start of `target()`. */
  advance(bytes: number): void {
    this.#check(this.#state === 'columns' && bytes <= this.#columns.length - this.#filled, 'more bytes than asked for')
    this.#hasher.update(this.#columns.subarray(this.#filled, this.#filled + bytes))
    this.#filled += bytes
    if (this.#filled === this.#columns.length) this.#finishSeries()
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      this.#check(!this.#failed && this.#state !== 'ended', 'bytes after the end frame')
      if (this.#state === 'columns') {
        const part = chunk.subarray(at, at + this.#columns.length - this.#filled)
        this.#columns.set(part, this.#filled)
        at += part.length
        this.advance(part.length)
        continue
      }
      const part = chunk.subarray(at, at + this.#collected.length - this.#filled)
      this.#collected.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === this.#collected.length) this.#finishCollected()
    }
  }

  #collect(state: State, bytes: number): void {
    this.#state = state
    this.#collected = new Uint8Array(bytes)
    this.#filled = 0
    if (bytes === 0) this.#finishCollected()
  }

  #finishCollected(): void {
    const bytes = this.#collected
    if (this.#state === 'frame' && bytes[5] === FRAME_KINDS.end) this.#beginFrame(bytes)
    else if (this.#state === 'small' && this.#kind === FRAME_KINDS.end) this.#finishSmall(bytes)
    else {
      this.#hasher.update(bytes)
      if (this.#state === 'frame') this.#beginFrame(bytes)
      else if (this.#state === 'small') this.#finishSmall(bytes)
      else if (this.#state === 'descriptorLength') this.#beginDescriptor(bytes)
      else if (this.#state === 'descriptor') this.#beginColumns(bytes)
    }
  }

  #beginFrame(bytes: Uint8Array): void {
    this.#check(
      FRAME_MAGIC.every((byte, i) => bytes[i] === byte),
      'no frame magic',
    )
    this.#check(bytes[4] === FRAME_VERSION, `frame version ${bytes[4]}, expected ${FRAME_VERSION}`)
    this.#check(bytes[6] === 0 && bytes[7] === 0, 'reserved bytes set')
    this.#kind = bytes[5]!
    this.#payloadBytes = lengthAt(bytes, 8)
    this.#check(this.#sawHeader !== (this.#kind === FRAME_KINDS.header), 'two headers, or a frame before the header')
    if (this.#kind !== FRAME_KINDS.series) {
      this.#check(
        this.#payloadBytes <= this.#roomFor(this.#kind),
        `frame of kind ${this.#kind} is unexpected or too large`,
      )
      this.#collect('small', this.#payloadBytes + paddingOf(this.#payloadBytes))
      return
    }
    this.#check(++this.#seriesCount <= this.#limits.seriesCount, 'too many series')
    this.#check(this.#payloadBytes >= 8, 'series payload too short')
    this.#collect('descriptorLength', 8)
  }

  /** Bytes that the payload of a frame that has just begun may have. */
  #roomFor(kind: number): number {
    if (kind === FRAME_KINDS.header) return this.#limits.headerBytes
    if (kind === FRAME_KINDS.end) return SMALL_BYTES
    if (kind === FRAME_KINDS.slice) return ++this.#slices <= this.#limits.slices ? SMALL_BYTES : -1
    if (kind === FRAME_KINDS.questions)
      return ++this.#questions <= this.#limits.questions ? this.#limits.questionBytes : -1
    if (kind !== FRAME_KINDS.decisions) return -1
    const room = this.#limits.checkpointBytes - this.#checkpointBytes
    this.#checkpointBytes += this.#payloadBytes
    return room
  }

  #finishSmall(bytes: Uint8Array): void {
    for (let i = this.#payloadBytes; i < bytes.length; i++) this.#check(bytes[i] === 0, 'padding is not zero')
    const [payload, isJson] = [bytes.subarray(0, this.#payloadBytes), this.#kind !== FRAME_KINDS.decisions]
    const value = isJson ? this.#parseJson(payload) : null
    if (this.#kind !== FRAME_KINDS.end) {
      this.#frames++
      this.#collect('frame', FRAME_HEADER_BYTES)
      if (!isJson) return this.#handlers.decisions?.(payload)
      if (this.#kind === FRAME_KINDS.slice) return this.#handlers.slice?.(this.#sliceTime(value))
      if (this.#kind === FRAME_KINDS.questions) return this.#handlers.questions?.(value)
      this.#sawHeader = true
      return this.#handlers.header(value)
    }
    const end = value as { frames?: unknown; sha256?: unknown } | null
    this.#check(end?.frames === this.#frames, `end frame counts ${String(end?.frames)} frames, read ${this.#frames}`)
    this.#check(end?.sha256 === this.#hasher.digestHex(), 'sha256 of the stream differs')
    this.#state = 'ended'
    this.#handlers.end()
  }

  #sliceTime(value: unknown): number {
    const time = (value as { time?: unknown } | null)?.time
    this.#check(Number.isSafeInteger(time), 'bad time of a slice')
    return time as number
  }

  #beginDescriptor(bytes: Uint8Array): void {
    const length = lengthAt(bytes, 0)
    this.#check(length % 8 === 0 && length > 0, 'descriptor not padded to 8')
    this.#check(length <= this.#limits.descriptorBytes && 8 + length <= this.#payloadBytes, 'descriptor too large')
    this.#collect('descriptor', length)
  }

  #beginColumns(bytes: Uint8Array): void {
    const { symbol, interval, kind, rows } = this.#parseDescriptor(bytes)
    const size = rows * 8 * SERIES_COLUMNS[kind].length
    this.#check(this.#payloadBytes === 8 + bytes.length + size, 'series payload does not match its rows')
    this.#columnBytes += size
    this.#check(this.#columnBytes <= this.#limits.columnBytes, 'too many candle bytes')
    const memory = this.#allocate(size)
    const column = (index: number) => new Float64Array(memory, index * rows * 8, rows)
    this.#columns = new Uint8Array(memory)
    const handlers = this.#handlers
    if (kind === 'funding') {
      const series = { symbol, rows, time: column(0), rate: column(1), mark: column(2) }
      this.#deliver = () => handlers.funding(series)
    } else {
      this.#check(interval !== null, 'candles without an interval')
      const [time, open, high] = [column(0), column(1), column(2)]
      const [low, close, volume] = [column(3), column(4), column(5)]
      const series = { symbol, interval, rows, time, open, high, low, close, volume }
      this.#deliver = () => handlers.series(series, kind)
    }
    this.#state = 'columns'
    this.#filled = 0
    if (size === 0) this.#finishSeries()
  }

  #parseDescriptor(bytes: Uint8Array): { symbol: string; interval: Interval | null; kind: SeriesKind; rows: number } {
    const value = this.#parseJson(bytes) as Record<string, unknown> | null
    const { symbol, interval, kind, rows, columns } = value ?? {}
    this.#check(typeof symbol === 'string' && symbol.length > 0 && symbol.length <= 64, 'bad series symbol')
    const names = Object.hasOwn(SERIES_COLUMNS, String(kind)) ? SERIES_COLUMNS[kind as SeriesKind] : null
    this.#check(names !== null, 'unknown series kind')
    const isRight = kind === 'funding' ? interval === null : INTERVALS.includes(interval as Interval)
    this.#check(isRight, 'bad series interval')
    this.#check(
      Number.isSafeInteger(rows) && (rows as number) >= 0 && (rows as number) <= 2_147_483_648,
      'bad series rows',
    )
    this.#check(
      Array.isArray(columns) && columns.length === names.length && names.every((name, i) => columns[i] === name),
      'series columns differ from the protocol',
    )
    return { symbol, interval: interval as Interval | null, kind: kind as SeriesKind, rows: rows as number }
  }

  #finishSeries(): void {
    const deliver = this.#deliver!
    this.#deliver = null
    this.#columns = new Uint8Array(0)
    this.#frames++
    this.#collect('frame', FRAME_HEADER_BYTES)
    deliver()
  }

  #parseJson(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch {
      this.#failed = true
      throw new PlatformError('protocol', 'Cannot read frame: its JSON is broken')
    }
  }

  #check(condition: boolean, problem: string): asserts condition {
    if (condition) return
    this.#failed = true
    throw new PlatformError('protocol', `Cannot read frame: ${problem}`)
  }
}

function lengthAt(bytes: Uint8Array, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 4_294_967_296
}
