import { describe, it } from 'vitest'
import { isNearEnough, realmBytes } from '../../../runner-image/tasks/context.ts'

const MIB = 2 ** 20

describe('realmBytes()', () => {
  it('keeps 48 MiB back in a small cell', ({ expect }) => {
    expect(realmBytes(448 * MIB, { usedBytes: 96 * MIB, sharedBytes: 0 })).toBe(304 * MIB)
  })

  it('keeps a tenth of what is left back in a large one', ({ expect }) => {
    expect(realmBytes(2048 * MIB, { usedBytes: 128 * MIB, sharedBytes: 0 })).toBe(1728 * MIB)
  })

  it('adds what the realm shares with the process', ({ expect }) => {
    expect(realmBytes(2048 * MIB, { usedBytes: 128 * MIB, sharedBytes: 50 * MIB })).toBe(1778 * MIB)
  })

  it('gives room for candles and a copy of them in the fullest cell that the host admits', ({ expect }) => {
    const candles = ((2048 - 256) / 2) * MIB
    const process = 110 * MIB

    const bytes = realmBytes(2048 * MIB, { usedBytes: process + candles, sharedBytes: candles })

    expect(bytes).toBeGreaterThan(2 * candles + 32 * MIB)
  })
})

describe('isNearEnough()', () => {
  it('refuses a realm that was given much more or less than is due', ({ expect }) => {
    const verdicts = [-25, -24, 0, 24, 25].map((more) => isNearEnough((500 + more) * MIB, 500 * MIB))

    expect(verdicts).toEqual([false, true, true, true, false])
  })
})
