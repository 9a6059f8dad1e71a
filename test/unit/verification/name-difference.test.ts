import { describe, it } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { RECORD_BYTES } from '../../../src/backtest/records.ts'
import {
  findChunkDifference,
  findRecordDifference,
  hashRecordChunks,
} from '../../../src/verification/compare-records.ts'
import { describeDifference, nameRecordDifference } from '../../../src/verification/name-difference.ts'
import { honestClaim } from '../rules/verification-fixture.ts'

const FEE_OFFSET = 56

const { task, records: stream } = honestClaim()
const records = decodeRecords(stream)
const names = { symbols: task.symbols, interval: task.config.interval, window: task.window }
/** The purchase; it is followed by the sale. */
const at = records.findIndex(({ kind }) => kind === 'fill')
const symbol = task.symbols[0]

function pieces(...ranges: readonly (readonly [from: number, to: number])[]): Uint8Array<ArrayBuffer> {
  return Buffer.concat(ranges.map(([from, to]) => stream.subarray(from * RECORD_BYTES, to * RECORD_BYTES)))
}

function changed(index: number, edit: (view: DataView, offset: number) => void): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(stream)
  edit(new DataView(copy.buffer), index * RECORD_BYTES)
  return copy
}

function nameOf(claimed: Uint8Array, recomputed = stream) {
  return nameRecordDifference(findRecordDifference(claimed, recomputed)!, { claimed, recomputed }, names)
}

function words(named: ReturnType<typeof nameOf>): string {
  return describeDifference(named, (time) => `+${(time - task.window.start) / 3_600_000} h`)
}

const end = records.length

describe('nameRecordDifference()', () => {
  it('names the field that was changed, with both values', ({ expect }) => {
    const named = nameOf(changed(at, (view, offset) => view.setFloat64(offset + FEE_OFFSET, -7, true)))

    expect(named).toEqual({
      kind: 'fill',
      index: at,
      symbol,
      bar: 1,
      time: records[at]!.time,
      field: 'fee',
      claimed: -7,
      recomputed: records[at]!.fee,
    })
    expect(words(named)).toBe(`fill of ${symbol} at bar 1 (+1 h): fee -7, expected ${records[at]!.fee}`)
  })

  it.for([1, 2])('tells %i made-up records from a changed one', (count, { expect }) => {
    const named = nameOf(pieces([0, at + 1], [at + 1 - count, at + 1], [at + 1, end]))

    const { kind } = records[at + 1 - count]!
    expect(named).toMatchObject({ kind, index: at + 1, field: null, claimed: kind, recomputed: null })
    expect(words(named)).toMatch(/: claimed, but it did not happen$/)
  })

  it.for([1, 2])('tells %i left-out records from a changed one', (count, { expect }) => {
    const named = nameOf(pieces([0, at], [at + count, end]))

    expect(named).toMatchObject({ kind: 'fill', index: at, field: null, claimed: null, recomputed: 'fill' })
    expect(words(named)).toBe(`fill of ${symbol} at bar 1 (+1 h): missing in the claim`)
  })

  it('looks no further than eight records ahead', ({ expect }) => {
    const repeated = (count: number) =>
      Buffer.concat([
        pieces([0, at + 1]),
        ...Array.from({ length: count }, () => pieces([at, at + 1])),
        pieces([at + 1, end]),
      ])

    expect(nameOf(repeated(8))).toMatchObject({ field: null, claimed: 'fill', recomputed: null })
    expect(nameOf(repeated(9)).field).not.toBeNull()
  })

  it('names what is missing at the end, and what is claimed behind it', ({ expect }) => {
    const { kind } = records[end - 1]!

    expect(nameOf(pieces([0, end - 1]))).toMatchObject({ kind, index: end - 1, claimed: null, recomputed: kind })
    expect(nameOf(pieces([0, end], [end - 1, end]))).toMatchObject({
      kind,
      index: end,
      claimed: kind,
      recomputed: null,
    })
  })

  it('names bytes that are no record', ({ expect }) => {
    const named = nameOf(changed(at, (view, offset) => view.setUint8(offset, 255)))

    expect(named).toMatchObject({ kind: 'fill', index: at, field: null, claimed: 'no record', recomputed: 'fill' })
  })

  it('gives no bar to a claimed time outside of the window', ({ expect }) => {
    const named = nameOf(
      changed(at, (view, offset) => view.setFloat64(offset + 24, Number.NaN, true)),
      pieces([0, at]),
    )

    expect(named).toMatchObject({ kind: 'fill', bar: null, time: null })
  })

  it('names the first record of a chunk when only hashes are claimed', ({ expect }) => {
    const foreign = findChunkDifference(['0'.repeat(64)], stream, createSha256)!
    const surplus = findChunkDifference([...hashRecordChunks(stream, createSha256), ''], stream, createSha256)!
    const streams = { claimed: null, recomputed: stream }

    const [first, behind] = [foreign, surplus].map((difference) => nameRecordDifference(difference, streams, names))

    expect(first).toMatchObject({ kind: records[0]!.kind, index: 0, field: null, claimed: null, recomputed: null })
    expect(words(first!)).toBe(`${records[0]!.kind} of ${symbol} at bar ${first!.bar} (+1 h)`)
    expect(words(behind!)).toBe('which the run did not come to')
  })
})
