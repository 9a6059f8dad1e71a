import type { CreateHasher } from './hasher.ts'
import { utf8Bytes } from './utf8.ts'

/** A stream of uniform numbers in [0, 1) with 53 bits. */
export type RandomStream = () => number

/** The next 32 bits of xoshiro128** 1.1 (D. Blackman, S. Vigna, public domain); `state` has 4 words, not all 0. */
export function nextUint32(state: Uint32Array): number {
  let s0 = state[0]!
  let s1 = state[1]!
  let s2 = state[2]!
  let s3 = state[3]!
  const product = Math.imul(s1, 5)
  const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
  const shifted = s1 << 9
  s2 ^= s0
  s3 ^= s1
  s1 ^= s2
  s0 ^= s3
  state[0] = s0
  state[1] = s1
  state[2] = s2 ^ shifted
  state[3] = (s3 << 11) | (s3 >>> 21)
  return result
}

/** Start state of the stream (seed, label): the first 16 bytes of sha256(`seed/label`), big-endian words. */
export function streamState(options: { seed: string; label: string; createHasher: CreateHasher }): Uint32Array {
  const hasher = options.createHasher()
  hasher.update(utf8Bytes(`${options.seed}/${options.label}`))
  const hex = hasher.digestHex()
  const state = new Uint32Array(4)
  for (let i = 0; i < 4; i++) state[i] = Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16)
  return state
}

/** u = ((a >>> 5)·2^26 + (b >>> 6)) / 2^53 of two words each. */
export function randomStream(state: Uint32Array): RandomStream {
  return () => {
    const a = nextUint32(state)
    const b = nextUint32(state)
    return ((a >>> 5) * 67_108_864 + (b >>> 6)) / 9_007_199_254_740_992
  }
}

/** The seeded stream (seed, label), for example (seed, unit key) or (seed, 'bootstrap/v1'). */
export function createRandomStream(options: { seed: string; label: string; createHasher: CreateHasher }): RandomStream {
  return randomStream(streamState(options))
}
