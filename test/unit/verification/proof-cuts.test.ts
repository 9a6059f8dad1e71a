import fc from 'fast-check'
import { describe, test } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { createRandomStream } from '../../../src/math/random.ts'
import { chooseCuts, excludedLeakRate } from '../../../src/verification/proof-cuts.ts'

const randomOf = (seed: string) => createRandomStream({ seed, label: 'proof/v1', createHasher: createSha256 })
const choose = (due: readonly number[], end: number, seed = '1') =>
  chooseCuts({ due: Int32Array.from(due), asked: new Int32Array(), first: 0, end, random: randomOf(seed) })

describe('chooseCuts()', () => {
  test('cuts at every decision, and at every other instant of a short run', ({ expect }) => {
    expect(choose([3, 3, 7], 9)).toEqual({
      slots: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      decisions: 3,
      covered: 3,
      answers: 0,
      coveredAnswers: 0,
    })
  })

  test('cuts where code of the user answers too', ({ expect }) => {
    const asked = Int32Array.from([900, 20, 20])
    const { slots, ...counts } = chooseCuts({
      due: Int32Array.of(20),
      asked,
      first: 0,
      end: 5000,
      random: randomOf('1'),
    })

    expect(slots).toHaveLength(2 + 256)
    expect(slots).toEqual(expect.arrayContaining([20, 900]))
    expect(counts).toEqual({ decisions: 1, covered: 1, answers: 3, coveredAnswers: 3 })
  })

  test('draws 256 instants without a decision', ({ expect }) => {
    const { slots, covered } = choose([10, 20, 20, 5000], 5000)

    expect(slots).toHaveLength(3 + 256)
    expect(covered).toBe(4)
    expect(slots).toEqual(expect.arrayContaining([10, 20, 5000]))
  })

  test('draws 2,048 of more instants with decisions, each alike', ({ expect }) => {
    const due = Array.from({ length: 8000 }, (_, i) => i + 1)
    const hits = new Float64Array(8001)
    for (let seed = 0; seed < 200; seed++) {
      const { slots, covered } = choose(due, 8000, String(seed))
      expect(covered).toBe(2048)
      for (const slot of slots) hits[slot]! += 1
    }
    // 200 draws of 2,048 in 8,000: 51.2 hits each; in blocks of 400 slots the mean lies within 5 %
    for (let block = 0; block < 20; block++) {
      const mean = hits.slice(1 + block * 400, 1 + (block + 1) * 400).reduce((sum, n) => sum + n, 0) / 400
      expect(mean).toBeGreaterThan(51.2 * 0.95)
      expect(mean).toBeLessThan(51.2 * 1.05)
    }
  })

  test('is ascending, without doubles, inside the window, and the same for one seed', ({ expect }) => {
    const dues = fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 3000 })
    fc.assert(
      fc.property(dues, fc.string(), (due, seed) => {
        const { slots, covered } = choose(due, 3000, seed)
        expect(slots.every((slot, i) => slot >= 1 && slot <= 3000 && (i === 0 || slot > slots[i - 1]!))).toBe(true)
        expect(covered).toBeLessThanOrEqual(due.length)
        expect(choose(due, 3000, seed).slots).toEqual(slots)
      }),
      { numRuns: 50 },
    )
  })
})

test('excludedLeakRate() is what the smallest sample says', ({ expect }) => {
  expect(excludedLeakRate(0)).toBe(1)
  expect(excludedLeakRate(1)).toBeCloseTo(0.99, 15)
  expect(excludedLeakRate(2048)).toBeCloseTo(1 - 0.01 ** (1 / 2048), 14)
})
