/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- coefficients stand as fdlibm states them */
/*!
 * log, log1p, log2 and log10 with the same bits on every machine: the methods and coefficients of e_log.c, s_log1p.c and
 * e_log10.c of fdlibm 5.3, and of e_log2.c, which FreeBSD derived from them.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 *
 * Theory of operation. x = 2^k · (1 + f) with 1 + f between √½ and √2. With s = f / (2 + f), ln(1 + f) is
 * f − f²/2 + s · (f²/2 + R), R a polynomial in s²; near 1 three terms of the series in f are enough. k · ln 2 comes in two
 * parts, of which the first is exact.
 */
import { LN2_HI, LN2_LO } from './constants.ts'
import { exponentOf, significandOf, withoutLowWord } from './float-bits.ts'
import { horner, inTwoSums } from './polynomial.ts'

const TWO53 = 9_007_199_254_740_992
const TWOM20 = 9.5367431640625e-7
const TWOM29 = 1.862645149230957e-9
const INV_LN2_HI = 1.44269504072144627571
const INV_LN2_LO = 1.67517131648865118353e-10
const INV_LN10 = 4.34294481903251816668e-1
const LOG10_2_HI = 3.01029995663611771306e-1
const LOG10_2_LO = 3.69423907715893078616e-13

/** Where 2^k · (1 + f) goes over to the next k: √2 to 20 bits, rounded as log and log1p want it. */
const LOG_BORDER = 1_482_908 / 1_048_576
const LOG1P_BORDER = 1_482_910 / 1_048_576

/** R of ln(1 + f) in s², s = f / (2 + f). */
const SERIES = [
  6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1,
  1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1,
]

/** A logarithm where there is no finite one. */
function logAtEnds(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY
  return x > 0 ? x : Number.NaN
}

function isInside(x: number): boolean {
  return x > 0 && x < Number.POSITIVE_INFINITY
}

/** Natural logarithm; error below 1 ulp. log(0) is −Infinity, of a negative number NaN. */
export function log(x: number): number {
  if (!isInside(x)) return logAtEnds(x)
  const m = significandOf(x)
  const up = m >= LOG_BORDER
  const f = (up ? m * 0.5 : m) - 1
  const k = exponentOf(x) + (up ? 1 : 0)
  return k * LN2_HI - (logLack({ m, f, low: k * LN2_LO }) - f)
}

/** f − ln(1 + f) − low; `m` is the significand that `f` came from. */
function logLack({ m, f, low }: { m: number; f: number; low: number }): number {
  if (f >= -TWOM20 && f < TWOM20) return f * f * (0.5 - 0.33333333333333333 * f) - low
  const s = f / (2 + f)
  const r = inTwoSums(SERIES, s * s)
  // Next to √2 and to √½ the shorter form would round too much away.
  if (m < 1_447_034 / 1_048_576 || m >= 1_488_978 / 1_048_576) return s * (f - r) - low
  const half = 0.5 * f * f
  return half - (s * (half + r) + low)
}

/** ln(1 + x), exact near 0; error below 1 ulp. −1 gives −Infinity, below it NaN. */
export function log1p(x: number): number {
  if (!isInside(1 + x)) return logAtEnds(1 + x)
  if (Math.abs(x) < TWOM29) return x - x * x * 0.5
  // Between √½ and √2 already: nothing to split, nothing lost.
  if (x > -4_913_940 / 16_777_216 && x < 6_949_352 / 16_777_216) return x - log1pLack(x, 0)
  const u = x < TWO53 ? 1 + x : x
  const m = significandOf(u)
  const up = m >= LOG1P_BORDER
  const f = (up ? m * 0.5 : m) - 1
  const exponent = exponentOf(u)
  const k = exponent + (up ? 1 : 0)
  // What 1 + x lost; without a k it is too small to count.
  const lost = k === 0 || x >= TWO53 ? 0 : (exponent > 0 ? 1 - (u - x) : x - (u - 1)) / u
  const low = k * LN2_LO + lost
  const isNearOne = f >= -1.5 * TWOM20 && f < TWOM20
  const lack = isNearOne ? 0.5 * f * f * (1 - 0.66666666666666666 * f) - low : log1pLack(f, low)
  return k * LN2_HI - (lack - f)
}

/** f − ln(1 + f) − low. */
function log1pLack(f: number, low: number): number {
  const half = 0.5 * f * f
  const s = f / (2 + f)
  const z = s * s
  return half - (s * (half + z * horner(SERIES, z)) + low)
}

/** Logarithm to base 2, exact for powers of 2; error below 1 ulp. log2(0) is −Infinity, of a negative number NaN. */
export function log2(x: number): number {
  if (!isInside(x)) return logAtEnds(x)
  const m = significandOf(x)
  const up = m >= LOG_BORDER
  const f = (up ? m * 0.5 : m) - 1
  const k = exponentOf(x) + (up ? 1 : 0)
  const half = 0.5 * f * f
  const s = f / (2 + f)
  const high = withoutLowWord(f - half)
  const low = f - high - half + s * (half + inTwoSums(SERIES, s * s))
  const product = high * INV_LN2_HI
  const rest = (low + high) * INV_LN2_LO + low * INV_LN2_HI
  const sum = k + product
  return rest + (k - sum + product) + sum
}

/** Logarithm to base 10; error below 1 ulp. log10(0) is −Infinity, of a negative number NaN. */
export function log10(x: number): number {
  if (!isInside(x)) return logAtEnds(x)
  // Below 1 the significand goes to [1/2, 1), so that both summands have the same sign.
  const m = significandOf(x)
  const exponent = exponentOf(x)
  const k = exponent < 0 ? exponent + 1 : exponent
  const low = k * LOG10_2_LO + INV_LN10 * log(exponent < 0 ? m * 0.5 : m)
  return low + k * LOG10_2_HI
}
