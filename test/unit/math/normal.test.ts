import fc from 'fast-check'
import { test } from 'vitest'
import { erfc, normalCdf, normalQuantile } from '../../../src/math/normal.ts'

// Values of Python 3.11: math.erfc (the C library's) and statistics.NormalDist().inv_cdf.
const ERFC: readonly (readonly [number, number])[] = [
  [0, 1],
  [1e-20, 1],
  [0.2, 0.7772974107895215],
  [0.5, 0.4795001221869535],
  [-0.5, 1.5204998778130465],
  [1, 0.15729920705028513],
  [-1.1, 1.8802050695740817],
  [2, 0.004677734981047266],
  [3, 2.2090496998585438e-5],
  [10, 2.088487583762545e-45],
  [26, 5.663192408856143e-296],
  [-7, 2],
  [30, 0],
]

test.for(ERFC)('erfc(%d) is %d to 2 ulp', ([x, expected], { expect }) => {
  expect(Math.abs(erfc(x) - expected)).toBeLessThanOrEqual(4.5e-16 * expected)
})

test('the quantile of the normal distribution equals stored values to 1e-13', ({ expect }) => {
  const stored = [
    [0.5, 0],
    [0.9, 1.2815515655446008],
    [0.975, 1.9599639845400536],
    [0.01, -2.3263478740408408],
    [1e-10, -6.361340902404056],
    [1e-300, -37.0470962993612],
  ] as const
  for (const [p, x] of stored)
    expect(Math.abs(normalQuantile(p) - x)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(x)))
})

test('what is outside is said so', ({ expect }) => {
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity])
  expect([normalQuantile(-0.1), normalQuantile(1.1), normalQuantile(NaN), erfc(NaN)]).toEqual([NaN, NaN, NaN, NaN])
})

test('distribution and quantile undo each other', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
      return Math.abs(normalCdf(normalQuantile(p)) - p) <= 1e-13
    }),
    { seed: 7, numRuns: 2000 },
  )
})
