/*
 * Theory of operation: records are written through three views on one block (bytes, 32-bit words, floats), which is the
 * layout of records.ts on a little-endian machine; the product runs on no other. A full block is kept and a new one begun,
 * so that nothing is copied while a run plays; `finish` joins them once.
 */
import { PlatformError } from '../errors.ts'
import { canon } from '../math/canon.ts'
import {
  FILL_RULES,
  ORDER_TYPES,
  PATHS,
  RECORD_BYTES,
  RECORD_KINDS,
  RECORD_REASONS,
  type EngineRecord,
} from './records.ts'

const BLOCK_RECORDS = 4096
const WORDS = RECORD_BYTES / 4
const FLOATS = RECORD_BYTES / 8
const LIQUIDITIES = ['none', 'maker', 'taker'] as const
const SIDES = ['buy', 'sell'] as const

/** Writes records one after another. */
export class RecordWriter {
  count = 0
  readonly limit: number
  readonly #full: ArrayBuffer[] = []
  #buffer = new ArrayBuffer(BLOCK_RECORDS * RECORD_BYTES)
  #bytes = new Uint8Array(this.#buffer)
  #words = new Uint32Array(this.#buffer)
  #floats = new Float64Array(this.#buffer)
  #used = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** Whether the stream has more records than allowed; later ones are still written, the caller ends the run. */
  get overLimit(): boolean {
    return this.count > this.limit
  }

  #grow(): void {
    this.#full.push(this.#buffer)
    this.#buffer = new ArrayBuffer(BLOCK_RECORDS * RECORD_BYTES)
    this.#bytes = new Uint8Array(this.#buffer)
    this.#words = new Uint32Array(this.#buffer)
    this.#floats = new Float64Array(this.#buffer)
    this.#used = 0
  }

  /** Appends a record. */
  put(record: RecordFields): void {
    if (this.#used === BLOCK_RECORDS) this.#grow()
    const b = this.#used * RECORD_BYTES
    const bytes = this.#bytes
    bytes[b] = record.kind
    bytes[b + 1] = record.reason
    bytes[b + 2] = record.side
    bytes[b + 3] = record.orderType
    bytes[b + 4] = record.rule
    bytes[b + 5] = record.liquidity
    bytes[b + 6] = record.path
    bytes[b + 7] = record.step
    const w = this.#used * WORDS
    const words = this.#words
    words[w + 2] = record.symbol
    words[w + 3] = record.order
    words[w + 4] = record.lot
    words[w + 5] = record.decision
    const f = this.#used * FLOATS
    const floats = this.#floats
    floats[f + 3] = canon(record.time)
    floats[f + 4] = canon(record.quantity)
    floats[f + 5] = canon(record.gross)
    floats[f + 6] = canon(record.price)
    floats[f + 7] = canon(record.fee)
    floats[f + 8] = canon(record.realised)
    floats[f + 9] = canon(record.needed)
    floats[f + 10] = canon(record.available)
    floats[f + 11] = canon(record.cash)
    this.#used += 1
    this.count += 1
  }

  /** All records as one array. */
  finish(): Uint8Array<ArrayBuffer> {
    const result = new Uint8Array(this.count * RECORD_BYTES)
    let at = 0
    for (const block of this.#full) {
      result.set(new Uint8Array(block), at)
      at += block.byteLength
    }
    result.set(this.#bytes.subarray(0, this.#used * RECORD_BYTES), at)
    return result
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
