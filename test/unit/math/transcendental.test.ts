import { describe, test } from 'vitest'
import { exp, expm1 } from '../../../src/math/exponentials.ts'
import { acosh, asinh, atanh, cosh, sinh, tanh } from '../../../src/math/hyperbolic.ts'
import { acos, asin, atan, atan2 } from '../../../src/math/inverse-trig.ts'
import { log, log10, log1p, log2 } from '../../../src/math/logarithms.ts'
import { nextUint32 } from '../../../src/math/random.ts'
import { cbrt, hypot } from '../../../src/math/roots.ts'
import { cos, sin, tan } from '../../../src/math/trig.ts'

const ARGUMENTS = 204_800
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
  -2.2250738585072014e-308,
  2.225073858507201e-308,
  -2.225073858507201e-308,
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
  exp,
  expm1,
  log,
  log10,
  log1p,
  log2,
  sin,
  sinh,
  tan,
  tanh,
} as const

const scratch = new DataView(new ArrayBuffer(8))

/** Upper words at which a kernel goes over from one formula to another. */
const BORDERS = [
  0x0010_0000, 0x3c80_0000, 0x3c90_0000, 0x3e20_0000, 0x3e30_0000, 0x3e40_0000, 0x3fd2_bec4, 0x3fd6_2e42, 0x3fda_827a,
  0x3fdc_0000, 0x3fe0_0000, 0x3fe6_0000, 0x3fe6_a09e, 0x3fe9_21fb, 0x3fef_3333, 0x3ff0_0000, 0x3ff0_a2b2, 0x3ff3_0000,
  0x3ff6_147a, 0x3ff6_a09e, 0x3ff6_b851, 0x4000_0000, 0x4002_d97c, 0x4003_8000, 0x4036_0000, 0x4043_687a, 0x4086_2e42,
  0x4086_33ce, 0x4139_21fb, 0x41b0_0000, 0x4340_0000, 0x4410_0000, 0x7fef_ffff,
]

function fromUpperAndLower(upper: number, lower: number): number {
  scratch.setUint32(0, upper)
  scratch.setUint32(4, lower)
  return scratch.getFloat64(0)
}

/** The edges, then numbers within [−1, 1], within [−50, 50], of every size up to 2^80, and next to a border. */
function argumentsOf(seed: number): (i: number) => number {
  const state = Uint32Array.of(seed, 2, 3, 4)
  const uniform = (): number => nextUint32(state) / 2 ** 32 + nextUint32(state) / 2 ** 64 - 0.5
  return (i) => {
    if (i < EDGES.length) return EDGES[i]!
    const kind = i % 4
    if (kind === 1) return uniform() * 2
    if (kind === 2) return uniform() * 100
    if (kind === 3) return uniform() * 2 ** ((i >> 2) % 81)
    const random = nextUint32(state)
    const upper = BORDERS[random % BORDERS.length]! - 2 + ((random >>> 8) & 3)
    const lower = (random & 0x1000) === 0 ? nextUint32(state) : (random >>> 13) & 3
    return fromUpperAndLower((upper | (random & 0x8000_0000)) >>> 0, lower)
  }
}

/** Any fraction and sign under each of the 2048 exponents in turn: subnormals first, infinity and NaN last. */
function binadesOf(seed: number): (i: number) => number {
  const state = Uint32Array.of(seed, 2, 3, 4)
  return (i) => {
    const upper = (nextUint32(state) & 0x800f_ffff) | ((i & 2047) << 20)
    return fromUpperAndLower(upper >>> 0, nextUint32(state))
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

function differences(options: {
  ours: (...x: number[]) => number
  theirs: (...x: number[]) => number
  count: number
  next?: (i: number) => number
}): Difference[] {
  const { ours, theirs, count, next = argumentsOf(7) } = options
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
    test(`${name} over ${ARGUMENTS} chosen arguments and ${ARGUMENTS} of all binades`, ({ expect }) => {
      const functions = { ours: kernel, theirs: Math[name as keyof typeof unary], count: 1 }
      const found = [...differences(functions), ...differences({ ...functions, next: binadesOf(11) })]
      const far = found.filter(({ ours, theirs }) => {
        const distance = position(ours) - position(theirs)
        return ours !== ours || theirs !== theirs || distance > 1n || distance < -1n
      })

      expect(OTHER_LIBRARY.includes(name) ? far : found).toEqual([])
    })
  }

  test('atan2 over pairs', ({ expect }) => {
    const functions = { ours: atan2, theirs: Math.atan2, count: 2 }

    expect(differences(functions)).toEqual([])
    const state = Uint32Array.of(5, 2, 3, 4)
    const next = binadesOf(11)
    expect(differences({ ...functions, next: () => next(nextUint32(state)) })).toEqual([])
    for (const y of EDGES) for (const x of EDGES) expect(atan2(y, x), `${y}, ${x}`).toBe(Math.atan2(y, x))
  })

  test('hypot over pairs and triples', ({ expect }) => {
    const ours = (...values: number[]): number => hypot(values)

    expect(differences({ ours, theirs: Math.hypot, count: 2 })).toEqual([])
    expect(differences({ ours, theirs: Math.hypot, count: 3 })).toEqual([])
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
