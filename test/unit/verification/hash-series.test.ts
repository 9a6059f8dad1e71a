import { createHash } from 'node:crypto'
import { test } from 'vitest'
import { CANDLE_COLUMNS } from '../../../src/candles/series.ts'
import { hashFloats, hashSeries } from '../../../src/verification/hash-series.ts'
import { seriesOf } from '../backtest/fixtures.ts'

function createHasher(): { update(bytes: Uint8Array): void; digestHex(): string } {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

test('hashSeries() is sha256 over the six columns as little-endian bytes', ({ expect }) => {
  const series = seriesOf('A', [
    [1, 2, 0.5, 1.5],
    [1.5, 3, 1, 2, 0],
  ])
  const hash = createHash('sha256')
  for (const name of CANDLE_COLUMNS) for (const value of series[name]) hash.update(littleEndian(value))

  expect(hashSeries(series, createHasher)).toBe(hash.digest('hex'))
})

test('hashFloats() does not tell −0 from 0', ({ expect }) => {
  expect(hashFloats(Float64Array.of(1, -0), createHasher)).toBe(hashFloats(Float64Array.of(1, 0), createHasher))
  expect(hashFloats(Float64Array.of(1), createHasher)).not.toBe(hashFloats(Float64Array.of(2), createHasher))
})

test('hashFloats() takes views on shared memory', ({ expect }) => {
  const shared = new Float64Array(new SharedArrayBuffer(24))
  shared.set([1, 2, 3])

  expect(hashFloats(shared.subarray(1), createHasher)).toBe(hashFloats(Float64Array.of(2, 3), createHasher))
})

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return bytes
}
