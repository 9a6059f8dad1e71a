/* oxlint-disable no-loss-of-precision -- coefficients stand as fdlibm states them */
/*!
 * exp and expm1 with the same bits on every machine: the methods and coefficients of e_exp.c and s_expm1.c of fdlibm 5.3.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 *
 * Theory of operation. x = k · ln 2 + r, |r| <= ln 2 / 2, with r as a double and what that double lacks; e^r or e^r − 1 is
 * a quotient with a polynomial in r²; then the exponent takes k.
 */
import { HALF_LN2, INV_LN2, LN2_HI, LN2_LO } from './constants.ts'
import { powerOfTwo, timesPowerOfTwo } from './float-bits.ts'
import { horner } from './polynomial.ts'

const OVERFLOW = 7.09782712893383973096e2
const UNDERFLOW = -7.4513321910194110842e2
const TWOM28 = 3.725290298461914e-9
const TWO1023 = 8.98846567431158e307
const TWOM1000 = 9.3326361850321887899e-302

const EXP_SERIES = [
  1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.6533902205465251539e-6,
  4.13813679705723846039e-8,
]
const EXPM1_SERIES = [
  1, -3.33333333333331316428e-2, 1.58730158725481460165e-3, -7.93650757867487942473e-5, 4.00821782732936239552e-6,
  -2.01099218183624371326e-7,
]

/** c of e^r = 1 + r + r · c / (2 − c), for square = r². */
export function expCorrection(r: number, square: number): number {
  return r - square * horner(EXP_SERIES, square)
}

/** k of x = k · ln 2 + r with the smallest |r|. */
function nearestMultiple(x: number): number {
  return Math.abs(x) < HALF_LN2 ? 0 : Math.trunc(INV_LN2 * x + (x < 0 ? -0.5 : 0.5))
}

/** e to the power x; error below 1 ulp. */
export function exp(x: number): number {
  if (x !== x) return Number.NaN
  if (x > OVERFLOW) return Number.POSITIVE_INFINITY
  if (x < UNDERFLOW) return 0
  // The one common argument whose last bit the formula below gets wrong.
  if (x === 1) return Math.E
  if (Math.abs(x) < TWOM28) return 1 + x
  const k = nearestMultiple(x)
  const high = x - k * LN2_HI
  const low = k * LN2_LO
  const r = high - low
  const c = expCorrection(r, r * r)
  const power = 1 - (low - (r * c) / (2 - c) - high)
  return k >= -1021 ? timesPowerOfTwo(power, k) : timesPowerOfTwo(power, k + 1000) * TWOM1000
}

/** e^x − 1, exact near 0; error below 1 ulp. */
export function expm1(x: number): number {
  if (x !== x) return Number.NaN
  if (x > OVERFLOW) return Number.POSITIVE_INFINITY
  // 56 · ln 2: e^x is below the last place of 1.
  if (x <= -38.81622314453125) return -1
  const k = nearestMultiple(x)
  const high = x - k * LN2_HI
  const low = k * LN2_LO
  const r = high - low
  return expm1Reduced({ r, rest: high - r - low, k })
}

/** 2^k · e^(r + rest) − 1 for |r| <= ln 2 / 2. */
function expm1Reduced({ r, rest, k }: { r: number; rest: number; k: number }): number {
  const half = 0.5 * r
  const square = r * half
  const series = horner(EXPM1_SERIES, square)
  const t = 3 - series * half
  const quotient = square * ((series - t) / (6 - r * t))
  if (k === 0) return r - (r * quotient - square)
  // e^(r + rest) = 1 + r − lack.
  const lack = r * (quotient - rest) - rest - square
  if (k === -1) return 0.5 * (r - lack) - 0.5
  if (k === 1) return r < -0.25 ? -2 * (lack - (r + 0.5)) : 1 + 2 * (r - lack)
  if (k <= -2 || k > 56) {
    const power = 1 - (lack - r)
    // 2^1024 is no double.
    return (k === 1024 ? power * 2 * TWO1023 : timesPowerOfTwo(power, k)) - 1
  }
  const one = powerOfTwo(-k)
  return timesPowerOfTwo(k < 20 ? 1 - one - (lack - r) : r - (lack + one) + 1, k)
}
