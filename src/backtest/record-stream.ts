/*
 * Theory of operation: records are written through three views on one buffer (bytes, 32-bit words, floats), which is the
 * layout of records.ts on a little-endian machine; the product runs on no other. The buffer begins at the size that a run
 * usually needs and doubles.
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

/** Writes records one after another; `expected`: how many a run usually has; `limit`: how many it may have. */
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

  /** Appends a record. Adding 0 is canon() for all but NaN, and a NaN is a breach of the invariant before it gets here. */
  put(record: RecordFields): void {
    if (this.count === this.#capacity) this.#grow()
    const b = this.count * RECORD_BYTES
    const bytes = this.#bytes
    bytes[b] = record.kind
    bytes[b + 1] = record.reason
    bytes[b + 2] = record.side
    bytes[b + 3] = record.orderType
    bytes[b + 4] = record.rule
    bytes[b + 5] = record.liquidity
    bytes[b + 6] = record.path
    bytes[b + 7] = record.step
    const w = this.count * WORDS
    const words = this.#words
    words[w + 2] = record.symbol
    words[w + 3] = record.order
    words[w + 4] = record.lot
    words[w + 5] = record.decision
    const f = this.count * FLOATS
    const floats = this.#floats
    floats[f + 3] = record.time + 0
    floats[f + 4] = record.quantity + 0
    floats[f + 5] = record.gross + 0
    floats[f + 6] = record.price + 0
    floats[f + 7] = record.fee + 0
    floats[f + 8] = record.realised + 0
    floats[f + 9] = record.needed + 0
    floats[f + 10] = record.available + 0
    floats[f + 11] = record.cash + 0
    this.count += 1
  }

  /** All records as one array; the writer is used up. A view where the buffer is nearly full, else a copy. */
  finish(): Uint8Array<ArrayBuffer> {
    const length = this.count * RECORD_BYTES
    return this.count * 4 >= this.#capacity * 3 ? this.#bytes.subarray(0, length) : this.#bytes.slice(0, length)
  }
}

/** A record with codes (record-codes.ts) for names. */
export interface RecordFields {
  kind: number
  reason: number
  side: number
  orderType: number
  rule: number
  liquidity: number
  path: number
  step: number
  symbol: number
  order: number
  lot: number
  decision: number
  time: number
  quantity: number
  gross: number
  price: number
  fee: number
  realised: number
  needed: number
  available: number
  cash: number
}

/** A scratch record to fill and put. The fractions keep float fields unboxed from the first write on. */
export function emptyRecord(): RecordFields {
  return {
    kind: 0,
    reason: 0,
    side: 0,
    orderType: 0,
    rule: 0,
    liquidity: 0,
    path: 0,
    step: 0,
    symbol: 0,
    order: 0,
    lot: 0,
    decision: 0,
    time: 0.5,
    quantity: 0.5,
    gross: 0.5,
    price: 0.5,
    fee: 0.5,
    realised: 0.5,
    needed: 0.5,
    available: 0.5,
    cash: 0.5,
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
