import { describe, test } from 'vitest'
import { expm1, log1p } from '../../../src/math/expm1-log1p.ts'
import { acosh, asinh, atanh, cosh, sinh, tanh } from '../../../src/math/hyperbolic.ts'
import { acos, asin, atan, atan2 } from '../../../src/math/inverse-trig.ts'
import { log10, log2 } from '../../../src/math/logarithms.ts'
import { nextUint32 } from '../../../src/math/random.ts'
import { cbrt, hypot } from '../../../src/math/roots.ts'
import { cos, sin, tan } from '../../../src/math/trig.ts'

const ARGUMENTS = 200_000
const EDGES = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  0.5,
  -0.5,
  2,
  22,
  -22,
  709.782712893384,
  710.4758600739439,
  710.475860073944,
  Math.PI,
  Math.PI / 2,
  1e22,
  6381956970095103 * 2 ** 797, // the double closest to a multiple of π/2
]

const unary = {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cbrt,
  cos,
  cosh,
  expm1,
  log10,
  log1p,
  log2,
  sin,
  sinh,
  tan,
  tanh,
} as const

const scratch = new DataView(new ArrayBuffer(8))

/** Numbers of four kinds: any bits at all, within [−1, 1], within [−50, 50], and of every size up to 2^80. */
function argumentsOf(seed: number): (i: number) => number {
  const state = Uint32Array.of(seed, 2, 3, 4)
  const uniform = (): number => nextUint32(state) / 2 ** 32 + nextUint32(state) / 2 ** 64 - 0.5
  return (i) => {
    if (i < EDGES.length) return EDGES[i]!
    const kind = i % 4
    if (kind === 1) return uniform() * 2
    if (kind === 2) return uniform() * 100
    if (kind === 3) return uniform() * 2 ** ((i >> 2) % 81)
    scratch.setUint32(0, nextUint32(state))
    scratch.setUint32(4, nextUint32(state))
    return scratch.getFloat64(0)
  }
}

/** Position of a double among all doubles, so that neighbours differ by 1 (and the two zeros by 0). */
function position(x: number): bigint {
  scratch.setFloat64(0, x)
  const bits = scratch.getBigInt64(0)
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits
}

interface Difference {
  readonly at: readonly number[]
  readonly ours: number
  readonly theirs: number
}

function differences(ours: (...x: number[]) => number, theirs: (...x: number[]) => number, count: number) {
  const next = argumentsOf(7)
  const found: Difference[] = []
  for (let i = 0; i < ARGUMENTS; i++) {
    const at = Array.from({ length: count }, () => next(i))
    const mine = ours(...at)
    const other = theirs(...at)
    if (!Object.is(mine, other)) found.push({ at, ours: mine, theirs: other })
  }
  return found
}

/*
 * V8 may take sin and cos from another library than fdlibm, depending on how it was built; all others are equal bit by bit
 * in the pinned Node.
 */
const OTHER_LIBRARY: readonly string[] = ['sin', 'cos']

describe('kernels against Math of this Node', () => {
  for (const [name, kernel] of Object.entries(unary)) {
    test(`${name} over ${ARGUMENTS} arguments`, ({ expect }) => {
      const found = differences(kernel, Math[name as keyof typeof unary], 1)
      const far = found.filter(({ ours, theirs }) => {
        const distance = position(ours) - position(theirs)
        return ours !== ours || theirs !== theirs || distance > 1n || distance < -1n
      })

      expect(OTHER_LIBRARY.includes(name) ? far : found).toEqual([])
    })
  }

  test('atan2 over pairs', ({ expect }) => {
    expect(differences(atan2, Math.atan2, 2)).toEqual([])
    for (const y of EDGES) for (const x of EDGES) expect(atan2(y, x), `${y}, ${x}`).toBe(Math.atan2(y, x))
  })

  test('hypot over pairs and triples', ({ expect }) => {
    const ours = (...values: number[]): number => hypot(values)

    expect(differences(ours, Math.hypot, 2)).toEqual([])
    expect(differences(ours, Math.hypot, 3)).toEqual([])
  })
})

describe('special values', () => {
  const cases: readonly [name: string, value: number, expected: number][] = [
    ['sin(-0)', sin(-0), -0],
    ['sin(1e22)', sin(1e22), -0.8522008497671888],
    ['cos(0)', cos(0), 1],
    ['cos next to a multiple of π/2', cos(6381956970095103 * 2 ** 797), -4.6871659242546277e-19],
    ['tan(Infinity)', tan(Infinity), Number.NaN],
    ['asin(1)', asin(1), Math.PI / 2],
    ['asin(1.1)', asin(1.1), Number.NaN],
    ['acos(-1)', acos(-1), Math.PI],
    ['atan(-Infinity)', atan(-Infinity), -Math.PI / 2],
    ['atan2(-0, -1)', atan2(-0, -1), -Math.PI],
    ['tanh(-Infinity)', tanh(-Infinity), -1],
    ['atanh(1)', atanh(1), Infinity],
    ['acosh(0.5)', acosh(0.5), Number.NaN],
    ['log2(2^-1074)', log2(5e-324), -1074],
    ['log10(1e15)', log10(1e15), 15],
    ['log1p(-1)', log1p(-1), -Infinity],
    ['expm1(-Infinity)', expm1(-Infinity), -1],
    ['cbrt(-27)', cbrt(-27), -3],
    ['hypot()', hypot([]), 0],
    ['hypot(-0)', hypot([-0]), 0],
    ['hypot(NaN, -Infinity)', hypot([Number.NaN, -Infinity]), Infinity],
    ['hypot(NaN, 1)', hypot([Number.NaN, 1]), Number.NaN],
    ['hypot(3 · 2^600, 4 · 2^600)', hypot([3 * 2 ** 600, 4 * 2 ** 600]), 5 * 2 ** 600],
  ]
  for (const [name, value, expected] of cases) {
    test(name, ({ expect }) => {
      expect(value).toBe(expected)
    })
  }
})
