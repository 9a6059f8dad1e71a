import { RECORD_BYTES } from '../backtest/records.ts'
import type { CreateHasher } from '../math/hasher.ts'

/** Records a chunk of a stream that is claimed by hashes (V2). */
export const RECORDS_PER_CHUNK = 4096

/** Where a claimed record stream leaves the recomputed one (V2). */
export interface RecordDifference {
  /** Index of the first record that differs, or of the first record of the chunk. */
  readonly index: number
  readonly unit: 'record' | 'chunk'
  readonly claimed: Uint8Array | null
  readonly recomputed: Uint8Array | null
}

function recordAt(bytes: Uint8Array, index: number): Uint8Array | null {
  const from = index * RECORD_BYTES
  return from + RECORD_BYTES <= bytes.length ? bytes.subarray(from, from + RECORD_BYTES) : null
}

/** First difference of two record streams, or null when they are equal byte for byte. */
export function findRecordDifference(claimed: Uint8Array, recomputed: Uint8Array): RecordDifference | null {
  const length = Math.min(claimed.length, recomputed.length)
  let i = 0
  while (i < length && claimed[i] === recomputed[i]) i += 1
  if (i === length && claimed.length === recomputed.length) return null
  const index = Math.floor(i / RECORD_BYTES)
  return { index, unit: 'record', claimed: recordAt(claimed, index), recomputed: recordAt(recomputed, index) }
}

/** sha256 of each chunk of RECORDS_PER_CHUNK records. */
export function hashRecordChunks(records: Uint8Array, createHasher: CreateHasher): string[] {
  const size = RECORDS_PER_CHUNK * RECORD_BYTES
  const hashes: string[] = []
  for (let from = 0; from < records.length; from += size) {
    const hasher = createHasher()
    hasher.update(records.subarray(from, Math.min(from + size, records.length)))
    hashes.push(hasher.digestHex())
  }
  return hashes
}

/** First chunk that differs from its claimed hash, or null. */
export function findChunkDifference(
  claimed: readonly string[],
  recomputed: Uint8Array,
  createHasher: CreateHasher,
): RecordDifference | null {
  const hashes = hashRecordChunks(recomputed, createHasher)
  const length = Math.max(claimed.length, hashes.length)
  for (let i = 0; i < length; i += 1) {
    if (claimed[i] !== hashes[i]) {
      return {
        index: i * RECORDS_PER_CHUNK,
        unit: 'chunk',
        claimed: null,
        recomputed: recordAt(recomputed, i * RECORDS_PER_CHUNK),
      }
    }
  }
  return null
}
