/*
 * Theory of operation: records are written through three views on one buffer (bytes, 32-bit words, floats), which is the
 * layout of records.ts on a little-endian machine; the product runs on no other. The buffer begins at the size that a run
 * usually needs and doubles. It is born as zeros, so only fields that are not 0 are written. Adding 0 to a float is canon()
 * for all but NaN, and a NaN is a breach of the invariant.
 */
import { PlatformError } from '../errors.ts'
import {
  FILL_RULES,
  ORDER_TYPES,
  PATHS,
  RECORD_BYTES,
  RECORD_KINDS,
  RECORD_REASONS,
  type EngineRecord,
} from './records.ts'

const WORDS = RECORD_BYTES / 4
const FLOATS = RECORD_BYTES / 8
const LIQUIDITIES = ['none', 'maker', 'taker'] as const
const SIDES = ['buy', 'sell'] as const

/** Writes records one after another, with codes (record-codes.ts) for names; `expected`: how many a run usually has; `limit`: how many it may have. */
export class RecordWriter {
  count = 0
  readonly limit: number
  #capacity: number
  #bytes: Uint8Array<ArrayBuffer>
  #words: Uint32Array
  #floats: Float64Array

  constructor(options: { expected: number; limit: number }) {
    this.limit = options.limit
    this.#capacity = Math.max(64, Math.min(options.expected, options.limit))
    const buffer = new ArrayBuffer(this.#capacity * RECORD_BYTES)
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#floats = new Float64Array(buffer)
  }

  /** Whether the stream has more records than allowed; later ones are still written, the caller ends the run. */
  get overLimit(): boolean {
    return this.count > this.limit
  }

  #grow(): void {
    this.#capacity *= 2
    const buffer = new ArrayBuffer(this.#capacity * RECORD_BYTES)
    const bytes = new Uint8Array(buffer)
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#words = new Uint32Array(buffer)
    this.#floats = new Float64Array(buffer)
  }

  /** Begins a record; fields that are not set stay 0. `time`: tau of the step; `cash`: after the record. */
  begin(kind: number, reason: number, step: number, time: number, cash: number): void {
    if (this.count === this.#capacity) this.#grow()
    const at = this.count * RECORD_BYTES
    this.#bytes[at] = kind
    this.#bytes[at + 1] = reason
    this.#bytes[at + 7] = step
    this.#floats[this.count * FLOATS + 3] = time + 0
    this.#floats[this.count * FLOATS + 11] = cash + 0
    this.count += 1
  }

  set side(code: number) {
    this.#bytes[this.count * RECORD_BYTES - RECORD_BYTES + 2] = code
  }

  set orderType(code: number) {
    this.#bytes[this.count * RECORD_BYTES - RECORD_BYTES + 3] = code
  }

  set rule(code: number) {
    this.#bytes[this.count * RECORD_BYTES - RECORD_BYTES + 4] = code
  }

  set liquidity(code: number) {
    this.#bytes[this.count * RECORD_BYTES - RECORD_BYTES + 5] = code
  }

  set path(code: number) {
    this.#bytes[this.count * RECORD_BYTES - RECORD_BYTES + 6] = code
  }

  set symbol(value: number) {
    this.#words[this.count * WORDS - WORDS + 2] = value
  }

  set order(value: number) {
    this.#words[this.count * WORDS - WORDS + 3] = value
  }

  set lot(value: number) {
    this.#words[this.count * WORDS - WORDS + 4] = value
  }

  set decision(value: number) {
    this.#words[this.count * WORDS - WORDS + 5] = value
  }

  set quantity(value: number) {
    this.#floats[this.count * FLOATS - FLOATS + 4] = value + 0
  }

  set gross(value: number) {
    this.#floats[this.count * FLOATS - FLOATS + 5] = value + 0
  }

  set price(value: number) {
    this.#floats[this.count * FLOATS - FLOATS + 6] = value + 0
  }

  set fee(value: number) {
    this.#floats[this.count * FLOATS - FLOATS + 7] = value + 0
  }

  set realised(value: number) {
    this.#floats[this.count * FLOATS - FLOATS + 8] = value + 0
  }

  set needed(value: number) {
    this.#floats[this.count * FLOATS - FLOATS + 9] = value + 0
  }

  set available(value: number) {
    this.#floats[this.count * FLOATS - FLOATS + 10] = value + 0
  }

  /** All records as one array; the writer is used up. A view where the buffer is nearly full, else a copy. */
  finish(): Uint8Array<ArrayBuffer> {
    const length = this.count * RECORD_BYTES
    return this.count * 4 >= this.#capacity * 3 ? this.#bytes.subarray(0, length) : this.#bytes.slice(0, length)
  }
}

function named<T>(names: readonly T[], code: number, place: string): T {
  const name = names[code]
  if (name !== undefined) return name
  throw new PlatformError('protocol', `Cannot read record "${place}": code ${code}, expected below ${names.length}`)
}

/** Records in object form. @throws `protocol` if the bytes are no record stream. */
export function decodeRecords(bytes: Uint8Array): EngineRecord[] {
  if (bytes.byteLength % RECORD_BYTES !== 0) {
    throw new PlatformError(
      'protocol',
      `Cannot read records: ${bytes.byteLength} bytes, expected a multiple of ${RECORD_BYTES}`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.byteLength / RECORD_BYTES }, (_, i) => decodeRecord(view, i))
}

function decodeRecord(view: DataView, index: number): EngineRecord {
  const at = index * RECORD_BYTES
  const code = (offset: number): number => view.getUint8(at + offset)
  const word = (offset: number): number => view.getUint32(at + offset, true)
  const float = (offset: number): number => view.getFloat64(at + offset, true)
  const place = (field: string): string => `${index}/${field}`
  return {
    kind: named(RECORD_KINDS, code(0), place('kind')),
    reason: named(RECORD_REASONS, code(1), place('reason')),
    side: named(SIDES, code(2), place('side')),
    orderType: named(ORDER_TYPES, code(3), place('orderType')),
    rule: named(FILL_RULES, code(4), place('rule')),
    liquidity: named(LIQUIDITIES, code(5), place('liquidity')),
    path: named(PATHS, code(6), place('path')),
    step: code(7),
    symbol: word(8),
    order: word(12),
    lot: word(16),
    decision: word(20),
    time: float(24),
    quantity: float(32),
    gross: float(40),
    price: float(48),
    fee: float(56),
    realised: float(64),
    needed: float(72),
    available: float(80),
    cash: float(88),
  }
}
