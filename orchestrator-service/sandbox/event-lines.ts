import { createHash } from 'node:crypto'
import { Compile } from 'typebox/compile'
import { CellEvent } from '../../src/protocol/events.ts'
import { HeadTail } from './byte-store.ts'

/**
 * Theory of operation. A cell's stderr is one JSON event a line. Whoever broke the realm can write there too, so a line
 * is data until it has passed three gates: length (a line over the cap is never parsed), form (it begins and ends like
 * an object), schema (nothing unknown in it, no `__proto__`). What does not pass is counted and kept as raw text, marked
 * so, and has no effect on the run.
 *
 * Memory is bounded by bytes and by counts: the raw stream keeps its head and tail with the number of bytes between,
 * entries keep the first and the last ones with the number between. More malformed lines than a crash report of Node
 * or V8 could print means a flood; the owner is told and ends the cell. Lines that are checkpoints have a cap of their own,
 * everything else shares another one; a line counts when it is whole, or longer than a line may be. Over a cap nothing more
 * is read.
 */
export interface CellLog {
  /** Host clock, ms. */
  readonly at: number
  /** strategy: a log event of the runner. raw: a line that is not an event; its text is not to be believed. */
  readonly source: 'strategy' | 'raw'
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly unit: string | null
  /** Decision instant in ms, null outside decide(). */
  readonly time: number | null
  readonly text: string
  readonly fields: Readonly<Record<string, string | number | boolean | null>> | null
}

export interface EventLinesOptions {
  readonly lineBytes: number
  /** Of all lines that are checkpoints, and of all others. */
  readonly checkpointBytes: number
  readonly logBytes: number
  /** Called once, at the first cap that is passed. */
  readonly onOverflow: (what: 'checkpoints' | 'stderr') => void
  readonly onEvent: (event: CellEvent) => void
  /** Each entry as it comes; `logs` keeps only the first and the last ones. */
  readonly onLog?: ((entry: CellLog) => void) | undefined
  /** Called once, when malformed lines pass the limit. */
  readonly onFlood: (malformedLines: number) => void
  readonly now: () => number
}

export interface StderrSummary {
  readonly bytes: number
  /** Bytes between head and tail. */
  readonly droppedBytes: number
  readonly head: Uint8Array
  readonly tail: Uint8Array
  /** Of all bytes received. */
  readonly sha256: string
  readonly malformedLines: number
  readonly droppedLogs: number
  readonly eventCounts: Readonly<Record<string, number>>
}

const RAW_PART_BYTES = 256 * 1024
const KEPT_ENTRIES = 10_000
export const MAX_MALFORMED_LINES = 10_000
const RAW_TEXT_CHARACTERS = 1024
const NEWLINE = 10
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

const cellEvent = Compile(CellEvent)
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The event of a line, or null when it is none. */
export function parseEventLine(line: Uint8Array): CellEvent | null {
  if (line.length < 2 || line[0] !== OPEN_BRACE || line[line.length - 1] !== CLOSE_BRACE) return null
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(line))
  } catch {
    return null
  }
  if (!cellEvent.Check(value)) return null
  if (value.type === 'log' && value.fields !== undefined && Object.hasOwn(value.fields, '__proto__')) return null
  return value
}

export class EventLines {
  readonly #options: EventLinesOptions
  readonly #line: Uint8Array
  #filled = 0
  /** Length of the current line, bytes over the cap included. */
  #lineLength = 0
  #bytes = 0
  readonly #raw = new HeadTail(RAW_PART_BYTES, RAW_PART_BYTES)
  readonly #hash = createHash('sha256')
  readonly #logs = new BoundedLogs(KEPT_ENTRIES)
  readonly #counts = new Map<string, number>()
  #malformed = 0
  #logBytes = 0
  #checkpointBytes = 0
  #isOver = false

  constructor(options: EventLinesOptions) {
    this.#options = options
    this.#line = new Uint8Array(options.lineBytes)
  }

  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    this.#raw.append(bytes)
    this.#hash.update(bytes)
    let offset = 0
    while (offset < bytes.length && !this.#isOver) {
      const newline = bytes.indexOf(NEWLINE, offset)
      const end = newline === -1 ? bytes.length : newline
      this.#take(bytes.subarray(offset, end))
      if (newline !== -1) this.#finishLine()
      else if (this.#lineLength > this.#line.length) this.#checkEndless()
      offset = end + 1
    }
  }

  /** The stream ended; a last line without a line feed counts as a line. */
  end(): void {
    if (this.#lineLength > 0 && !this.#isOver) this.#finishLine()
  }

  /** For the host's own words between the cell's lines. */
  get logs(): readonly CellLog[] {
    return this.#logs.read()
  }

  summary(): StderrSummary {
    return {
      bytes: this.#bytes,
      ...this.#raw.read(),
      sha256: this.#hash.copy().digest('hex'),
      malformedLines: this.#malformed,
      droppedLogs: this.#logs.dropped,
      eventCounts: Object.fromEntries(this.#counts),
    }
  }

  #take(part: Uint8Array): void {
    const room = Math.min(part.length, this.#line.length - this.#filled)
    this.#line.set(part.subarray(0, room), this.#filled)
    this.#filled += room
    this.#lineLength += part.length
  }

  #finishLine(): void {
    const line = this.#line.subarray(0, this.#filled)
    const whole = this.#lineLength === this.#filled
    const event = whole ? parseEventLine(line) : null
    if (event?.type === 'checkpoint') this.#checkpointBytes += this.#lineLength + 1
    else this.#logBytes += this.#lineLength + 1
    this.#checkCaps(0)
    if (this.#isOver) return
    if (event === null) this.#keepRaw(line, this.#lineLength)
    else this.#keepEvent(event)
    this.#filled = 0
    this.#lineLength = 0
  }

  /** A line too long for an event counts before it ends; what there is of it is kept when it is over the cap. */
  #checkEndless(): void {
    this.#checkCaps(this.#lineLength)
    if (this.#isOver) this.#keepRaw(this.#line, this.#lineLength)
  }

  /** `begun`: bytes of a line that cannot be a checkpoint any more. */
  #checkCaps(begun: number): void {
    const { logBytes, checkpointBytes, onOverflow } = this.#options
    const isLogOver = this.#logBytes + begun > logBytes
    if (!isLogOver && this.#checkpointBytes <= checkpointBytes) return
    this.#isOver = true
    onOverflow(isLogOver ? 'stderr' : 'checkpoints')
  }

  #keepEvent(event: CellEvent): void {
    this.#counts.set(event.type, (this.#counts.get(event.type) ?? 0) + 1)
    if (event.type === 'log') {
      const { level, unit, time, text, fields } = event
      this.#keepLog({ at: this.#options.now(), source: 'strategy', level, unit, time, text, fields: fields ?? null })
    }
    this.#options.onEvent(event)
  }

  #keepLog(entry: CellLog): void {
    this.#logs.add(entry)
    this.#options.onLog?.(entry)
  }

  #keepRaw(line: Uint8Array, length: number): void {
    this.#malformed += 1
    const shown = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, RAW_TEXT_CHARACTERS)).toString('utf8')
    const text = length > RAW_TEXT_CHARACTERS ? `${shown}… (${length} bytes)` : shown
    this.#keepLog({
      at: this.#options.now(),
      source: 'raw',
      level: 'warn',
      unit: null,
      time: null,
      text,
      fields: null,
    })
    if (this.#malformed === MAX_MALFORMED_LINES + 1) this.#options.onFlood(this.#malformed)
  }
}

/** The first `keep` and the last `keep` entries. */
class BoundedLogs {
  readonly #keep: number
  readonly #head: CellLog[] = []
  readonly #tail: CellLog[] = []
  #total = 0

  constructor(keep: number) {
    this.#keep = keep
  }

  add(entry: CellLog): void {
    if (this.#head.length < this.#keep) this.#head.push(entry)
    else this.#tail[(this.#total - this.#keep) % this.#keep] = entry
    this.#total += 1
  }

  get dropped(): number {
    return Math.max(0, this.#total - 2 * this.#keep)
  }

  read(): CellLog[] {
    const overflow = Math.max(0, this.#total - this.#keep)
    if (overflow <= this.#keep) return [...this.#head, ...this.#tail]
    const at = overflow % this.#keep
    return [...this.#head, ...this.#tail.slice(at), ...this.#tail.slice(0, at)]
  }
}
