/*
 * The two halves of a double through one shared scratch buffer. Word order is that of little-endian machines, the only
 * ones the product runs on (x64, arm64).
 */
const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)

/** Sign, exponent and upper 20 fraction bits, as a signed 32-bit integer. */
export function highWord(x: number): number {
  float[0] = x
  return words[1]! | 0
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

/** The next smaller double of a positive finite number. */
export function nextDown(x: number): number {
  float[0] = x
  if (words[0] === 0) {
    words[0] = 0xffff_ffff
    words[1] = words[1]! - 1
  } else words[0] = words[0]! - 1
  return float[0]
}
