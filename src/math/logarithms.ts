/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*
 * log2 and log10 with the same bits on every machine: ports of e_log2.c (with k_log.h, of FreeBSD) and e_log10.c.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 */
import { log } from './exp-log.ts'
import { highWord, withHighWord, withoutLowWord } from './float-bits.ts'

const TWO54 = 18_014_398_509_481_984
const INV_LN2_HI = 1.44269504072144627571
const INV_LN2_LO = 1.67517131648865118353e-10
const INV_LN10 = 4.34294481903251816668e-1
const LOG10_2_HI = 3.01029995663611771306e-1
const LOG10_2_LO = 3.69423907715893078616e-13

/** log(1 + f) − f + f²/2 on the reduced range. */
function log1pRest(f: number): number {
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const t1 = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1))
  const t2 =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)))
  const half = 0.5 * f * f
  return s * (half + (t2 + t1))
}

/** Logarithm to base 2, exact for powers of 2; error below 1 ulp. log2(0) is −Infinity, of a negative number NaN. */
export function log2(x: number): number {
  if (x !== x || x < 0) return Number.NaN
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (x === Number.POSITIVE_INFINITY) return x
  if (x === 1) return 0
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
  const half = 0.5 * f * f
  const r = log1pRest(f)
  const hi = withoutLowWord(f - half)
  const lo = f - hi - half + r
  const high2 = hi * INV_LN2_HI
  const low2 = (lo + hi) * INV_LN2_LO + lo * INV_LN2_HI
  const w = k + high2
  return low2 + (k - w + high2) + w
}

/** Logarithm to base 10; error below 1 ulp. log10(0) is −Infinity, of a negative number NaN. */
export function log10(x: number): number {
  if (x !== x || x < 0) return Number.NaN
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (x === Number.POSITIVE_INFINITY) return x
  if (x === 1) return 0
  let k = 0
  let m = x
  let high = highWord(m)
  if (high < 0x0010_0000) {
    k -= 54
    m *= TWO54
    high = highWord(m)
  }
  k += (high >> 20) - 1023
  const below = k < 0 ? 1 : 0
  m = withHighWord(m, (high & 0x000f_ffff) | ((0x3ff - below) << 20))
  const y = k + below
  const z = y * LOG10_2_LO + INV_LN10 * log(m)
  return z + y * LOG10_2_HI
}
