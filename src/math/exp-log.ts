/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*
 * exp and log with the same bits on every machine: ports of e_exp.c and e_log.c of fdlibm.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 */
import { highWord, withHighWord } from './float-bits.ts'

const LN2_HI = 6.9314718036912381649e-1
const LN2_LO = 1.90821492927058770002e-10
const TWO54 = 18_014_398_509_481_984
const INV_LN2 = 1.442695040888963387
const EXP_OVERFLOW = 7.09782712893383973096e2
const EXP_UNDERFLOW = -7.4513321910194110842e2
const TWO_M1000 = 9.3326361850321887899e-302

/** exp(x) − 1 over x on the reduced range, as the correction term `c` of fdlibm. */
export function expCorrection(x: number, t: number): number {
  return (
    x -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t * (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))))
  )
}

/** e to the power x; error below 1 ulp. */
export function exp(x: number): number {
  if (x !== x) return Number.NaN
  if (x > EXP_OVERFLOW) return Number.POSITIVE_INFINITY
  if (x < EXP_UNDERFLOW) return 0
  // The one common argument whose last bit the formula below gets wrong.
  if (x === 1) return Math.E
  const high = highWord(x)
  const negative = high < 0
  const magnitude = high & 0x7fff_ffff
  let k = 0
  let hi = 0
  let lo = 0
  let r = x
  if (magnitude > 0x3fd6_2e42) {
    if (magnitude < 0x3ff0_a2b2) {
      k = negative ? -1 : 1
      hi = negative ? x + LN2_HI : x - LN2_HI
      lo = negative ? -LN2_LO : LN2_LO
    } else {
      k = Math.trunc(INV_LN2 * x + (negative ? -0.5 : 0.5))
      hi = x - k * LN2_HI
      lo = k * LN2_LO
    }
    r = hi - lo
  } else if (magnitude < 0x3e30_0000) return 1 + x
  const c = expCorrection(r, r * r)
  if (k === 0) return 1 - ((r * c) / (c - 2) - r)
  const y = 1 - (lo - (r * c) / (2 - c) - hi)
  if (k >= -1021) return withHighWord(y, highWord(y) + (k << 20))
  return withHighWord(y, highWord(y) + ((k + 1000) << 20)) * TWO_M1000
}

/** Natural logarithm; error below 1 ulp. log(0) is −Infinity, of a negative number NaN. */
export function log(x: number): number {
  if (x !== x || x < 0) return Number.NaN
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (x === Number.POSITIVE_INFINITY) return x
  let k = 0
  let m = x
  let high = highWord(m)
  if (high < 0x0010_0000) {
    k -= 54
    m *= TWO54
    high = highWord(m)
  }
  k += (high >> 20) - 1023
  high &= 0x000f_ffff
  const carry = (high + 0x9_5f64) & 0x10_0000
  m = withHighWord(m, high | (carry ^ 0x3ff0_0000))
  k += carry >> 20
  const f = m - 1
  if ((0x000f_ffff & (2 + high)) < 3) return logNearOne(f, k)
  return logReduced({ f, k, high })
}

function logNearOne(f: number, k: number): number {
  if (f === 0) return k === 0 ? 0 : k * LN2_HI + k * LN2_LO
  const r = f * f * (0.5 - 0.33333333333333333 * f)
  return k === 0 ? f - r : k * LN2_HI - (r - k * LN2_LO - f)
}

function logReduced({ f, k, high }: { f: number; k: number; high: number }): number {
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const t1 = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1))
  const t2 =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)))
  const r = t2 + t1
  if (((high - 0x6_147a) | (0x6_b851 - high)) > 0) {
    const half = 0.5 * f * f
    return k === 0 ? f - (half - s * (half + r)) : k * LN2_HI - (half - (s * (half + r) + k * LN2_LO) - f)
  }
  return k === 0 ? f - s * (f - r) : k * LN2_HI - (s * (f - r) - k * LN2_LO - f)
}
