import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { fromBase64, toBase64 } from '../../../src/math/base64.ts'
import { canon, isCanonical } from '../../../src/math/canon.ts'
import { exp } from '../../../src/math/exponentials.ts'
import { nextDown } from '../../../src/math/float-bits.ts'
import { log } from '../../../src/math/logarithms.ts'
import { pow } from '../../../src/math/pow.ts'
import { createRandomStream } from '../../../src/math/random.ts'
import { utf8Bytes } from '../../../src/math/utf8.ts'

function createHasher(): { update(bytes: Uint8Array): void; digestHex(): string } {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex') }
}

/** Distance in units of the last place of the larger one. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0
  const size = Math.max(Math.abs(a), Math.abs(b))
  return Math.abs(a - b) / Math.max(size - nextDown(size), Number.MIN_VALUE)
}

const anyDouble = fc.double()

describe('kernels', () => {
  test('exp and log are within an ulp of the library of this machine', ({ expect }) => {
    fc.assert(
      fc.property(fc.double({ min: -745, max: 710, noNaN: true }), (x) => {
        expect(ulps(exp(x), Math.exp(x))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 5000 },
    )
    fc.assert(
      fc.property(anyDouble, (x) => {
        expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 5000 },
    )
  })

  test('pow is within two ulps of the library of this machine, special cases equal', ({ expect }) => {
    fc.assert(
      fc.property(anyDouble, fc.oneof(anyDouble, fc.integer({ min: -40, max: 40 })), (x, y) => {
        expect(ulps(pow(x, y), x ** y)).toBeLessThanOrEqual(2)
      }),
      { numRuns: 20_000 },
    )
  })

  test('pow has the special cases of ECMAScript', ({ expect }) => {
    const special = [0, -0, 1, -1, 2, -2, 0.5, 3, Number.NaN, Infinity, -Infinity]
    for (const x of special) for (const y of special) expect(pow(x, y), `${x}, ${y}`).toBe(x ** y)
  })

  test('have the bits that they had when they were written', ({ expect }) => {
    expect([exp(2), log(3), pow(1.1, 10.5), pow(2, 0.1)]).toEqual(KNOWN)
  })
})

const KNOWN = [7.38905609893065, 1.0986122886681096, 2.7203400420274986, 1.0717734625362931]

describe('random streams', () => {
  test('begin as published for the seed 42', ({ expect }) => {
    const stream = createRandomStream({ seed: '42', label: 'bootstrap/v1', createHasher })

    expect([stream(), stream()]).toEqual([0.25438807365174276, 0.5447556527435985])
  })

  test('differ by label', ({ expect }) => {
    const a = createRandomStream({ seed: '42', label: 'a', createHasher })
    const b = createRandomStream({ seed: '42', label: 'b', createHasher })

    expect(a()).not.toBe(b())
  })
})

describe('canon()', () => {
  test('has one zero and one NaN', ({ expect }) => {
    expect(Object.is(canon(-0), 0)).toBe(true)
    const odd = new Float64Array(new BigUint64Array([0xfff8_dead_beef_0001n]).buffer)[0]!
    const bits = new BigUint64Array(Float64Array.of(canon(odd)).buffer)[0]!
    expect(bits).toBe(0x7ff8_0000_0000_0000n)
    expect(isCanonical(Float64Array.of(1, -0))).toBe(false)
    expect(isCanonical(Float64Array.of(1, 0, -3))).toBe(true)
  })
})

describe('bytes', () => {
  test('utf8Bytes() writes what the platform writes', ({ expect }) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([...utf8Bytes(text)]).toEqual([...new TextEncoder().encode(text)])
      }),
    )
  })

  test('base64 round trip; white space, missing padding and other letters are refused', ({ expect }) => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...fromBase64(toBase64(bytes))!]).toEqual([...bytes])
      }),
    )
    for (const text of ['AA', 'A A=', 'AAA\n', 'A===', '!!!!', 'AB==\n\n\n\n']) expect(fromBase64(text)).toBe(null)
  })
})
