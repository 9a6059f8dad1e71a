/*
 * The two orders in which the kernels sum a polynomial. Coefficients begin with the constant term. The order is part of
 * the result: another one gives other last bits.
 */

/** c0 + x · (c1 + x · (c2 + …)). */
export function horner(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (let i = coefficients.length - 1; i >= 0; i--) sum = coefficients[i]! + x * sum
  return sum
}

/** z · (c0 + c1 · z + …) as two sums in z², of the even and of the odd terms, which do not wait for each other. */
export function inTwoSums(coefficients: readonly number[], z: number): number {
  const w = z * z
  let even = 0
  let odd = 0
  for (let i = coefficients.length - 1; i >= 0; i--) {
    if ((i & 1) === 0) even = coefficients[i]! + w * even
    else odd = coefficients[i]! + w * odd
  }
  return z * even + w * odd
}
