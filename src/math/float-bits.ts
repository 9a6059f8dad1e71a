/*
 * The two halves of a double through one shared scratch buffer. Word order is that of little-endian machines, the only
 * ones the product runs on (x64, arm64).
 */
const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)

const MIN_NORMAL = 2.2250738585072014e-308
const TWO54 = 18_014_398_509_481_984

/** Sign, exponent and upper 20 fraction bits, as a signed 32-bit integer. */
export function highWord(x: number): number {
  float[0] = x
  return words[1]! | 0
}

/** The upper word without its sign: exponent and upper 20 fraction bits. Orders numbers by size. */
export function sizeWord(x: number): number {
  float[0] = x
  return words[1]! & 0x7fff_ffff
}

/** Lower 32 fraction bits, unsigned. */
export function lowWord(x: number): number {
  float[0] = x
  return words[0]!
}

/** `x` with its upper word replaced. */
export function withHighWord(x: number, high: number): number {
  float[0] = x
  words[1] = high
  return float[0]
}

/** `x` with its lower 32 bits cleared. */
export function withoutLowWord(x: number): number {
  float[0] = x
  words[0] = 0
  return float[0]
}

/** The double of an upper and a lower word. */
export function fromWords(high: number, low: number): number {
  words[1] = high
  words[0] = low
  return float[0]!
}

/** 2^n for a normal result. */
export function powerOfTwo(n: number): number {
  return fromWords((n + 1023) << 20, 0)
}

/** x · 2^n for `x` and a result that are normal, or 0. */
export function timesPowerOfTwo(x: number, n: number): number {
  return x === 0 ? x : withHighWord(x, highWord(x) + (n << 20))
}

/** `x` itself, times 2^54 if it is subnormal. */
export function liftSubnormal(x: number): number {
  return x < MIN_NORMAL ? x * TWO54 : x
}

/** k of x = 2^k · m, 1 <= m < 2, for a positive finite number. */
export function exponentOf(x: number): number {
  return (highWord(liftSubnormal(x)) >> 20) - (x < MIN_NORMAL ? 1077 : 1023)
}

/** m of x = 2^k · m, 1 <= m < 2, for a positive finite number. */
export function significandOf(x: number): number {
  const lifted = liftSubnormal(x)
  return withHighWord(lifted, (highWord(lifted) & 0x000f_ffff) | 0x3ff0_0000)
}

/** The next smaller double of a positive finite number. */
export function nextDown(x: number): number {
  float[0] = x
  if (words[0] === 0) {
    words[0] = 0xffff_ffff
    words[1] = words[1]! - 1
  } else words[0] = words[0]! - 1
  return float[0]
}
