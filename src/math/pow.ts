/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*!
 * pow with the same bits on every machine: a port of e_pow.c of fdlibm 5.3, with the special cases of ECMAScript.
 *
 * Copyright (C) 2004 by Sun Microsystems, Inc. All rights reserved.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 *
 * Theory of operation: x = 2^n · (1 + f); log2(x) is computed as t1 + t2 with t1 of 24 bits, y is split in y1 + y2 the
 * same way, so that y · log2(x) = n + y' keeps the bits that the exponential needs; then 2^n · exp(y' · ln 2).
 */
import { INV_LN2, LN2 } from './constants.ts'
import { expCorrection } from './exponentials.ts'
import {
  exponentOf,
  highWord,
  lowWord,
  powerOfTwo,
  significandOf,
  sizeWord,
  withHighWord,
  withoutLowWord,
} from './float-bits.ts'
import { horner } from './polynomial.ts'

const TWO53 = 9_007_199_254_740_992
const HUGE = 1e300
const TINY = 1e-300
const LOG_SERIES = [
  5.99999999999994648725e-1, 4.28571428578550184252e-1, 3.33333329818377432918e-1, 2.72728123808534006489e-1,
  2.30660745775561754067e-1, 2.06975017800338417784e-1,
]
const OVT = 8.0085662595372944372e-17

/** 0: not an integer, 1: odd, 2: even. */
function parity(y: number): number {
  if (Math.abs(y) >= TWO53) return 2
  if (Math.floor(y) !== y) return 0
  return y % 2 === 0 ? 2 : 1
}

/** x · 2^n for |x| in [0.5, 4), also into the subnormals. */
function scale(x: number, n: number): number {
  let z = x
  let rest = n
  while (rest > 1023) {
    z *= 8.98846567431158e307
    rest -= 1023
  }
  while (rest < -1022) {
    z *= 2.2250738585072014e-308
    rest += 1022
  }
  return z * powerOfTwo(rest)
}

/** Parts of log2(x) for |x − 1| < 2^-20, as [t1, t2] in the scratch. */
const scratch = new Float64Array(2)

function log2NearOne(x: number): void {
  const t = x - 1
  const w = t * t * (0.5 - t * (0.3333333333333333333333 - t * 0.25))
  const u = 1.44269502162933349609 * t
  const v = t * 1.92596299112661746887e-8 - w * INV_LN2
  const t1 = withoutLowWord(u + v)
  scratch[0] = t1
  scratch[1] = v - (t1 - u)
}

function log2(magnitude: number): void {
  let n = exponentOf(magnitude)
  let ax = significandOf(magnitude)
  let high = highWord(ax)
  const fraction = high & 0x000f_ffff
  let k = 0
  if (fraction > 0x3_988e && fraction < 0xb_b67a) k = 1
  else if (fraction >= 0xb_b67a) {
    n += 1
    high -= 0x0010_0000
  }
  ax = withHighWord(ax, high)
  const base = k === 1 ? 1.5 : 1
  let u = ax - base
  let v = 1 / (ax + base)
  const ss = u * v
  const sh = withoutLowWord(ss)
  let th = withHighWord(0, ((high >> 1) | 0x2000_0000) + 0x0008_0000 + (k << 18))
  let tl = ax - (th - base)
  const sl = v * (u - sh * th - sh * tl)
  let s2 = ss * ss
  let r = s2 * s2 * horner(LOG_SERIES, s2)
  r += sl * (sh + ss)
  s2 = sh * sh
  th = withoutLowWord(3 + s2 + r)
  tl = r - (th - 3 - s2)
  u = sh * th
  v = sl * th + tl * ss
  const ph = withoutLowWord(u + v)
  const pl = v - (ph - u)
  const zh = 9.61796700954437255859e-1 * ph
  const zl =
    -7.02846165095275826516e-9 * ph + pl * 9.61796693925975554329e-1 + (k === 1 ? 1.35003920212974897128e-8 : 0)
  const dh = k === 1 ? 5.84962487220764160156e-1 : 0
  const t1 = withoutLowWord(zh + zl + dh + n)
  scratch[0] = t1
  scratch[1] = zl - (t1 - n - dh - zh)
}

/** 2 to the power (high + low), z = high + low. */
function exp2(high: number, low: number): number {
  const z = high + low
  let ph = high
  let n = 0
  const word = highWord(z)
  const magnitude = word & 0x7fff_ffff
  if (magnitude > 0x3fe0_0000) {
    n = Math.trunc(z + (word < 0 ? -0.5 : 0.5))
    ph -= n
  }
  const t = withoutLowWord(low + ph)
  const u = t * 6.93147182464599609375e-1
  const v = (low - (t - ph)) * LN2 + t * -1.90465429995776804525e-9
  const y = u + v
  const w = v - (y - u)
  const t1 = expCorrection(y, y * y)
  const r = (y * t1) / (t1 - 2) - (w + y * w)
  return scale(1 - (r - y), n)
}

/** The cases that ECMAScript fixes apart from the general formula; undefined if there is none. */
function special(x: number, y: number): number | undefined {
  if (y !== y) return Number.NaN
  if (y === 0) return 1
  if (x !== x) return Number.NaN
  const ax = Math.abs(x)
  if (y === Number.POSITIVE_INFINITY || y === Number.NEGATIVE_INFINITY) {
    if (ax === 1) return Number.NaN
    return ax > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0
  }
  if (y === 1) return x
  if (y === -1) return 1 / x
  if (y === 2) return x * x
  if (y === 0.5 && x >= 0) return Math.sqrt(x + 0)
  if (ax === 0 || ax === Number.POSITIVE_INFINITY || ax === 1) {
    let z = y < 0 ? 1 / ax : ax
    if (x < 0 || (x === 0 && 1 / x < 0)) {
      if (ax === 1 && parity(y) === 0) z = Number.NaN
      else if (parity(y) === 1) z = -z
    }
    return z
  }
  if (x < 0 && parity(y) === 0) return Number.NaN
  return undefined
}

/** x to the power y; error below 1 ulp. Special cases as `Math.pow` (pow(±1, ±Infinity) is NaN). */
export function pow(x: number, y: number): number {
  const known = special(x, y)
  if (known !== undefined) return known
  const sign = x < 0 && parity(y) === 1 ? -1 : 1
  const ax = Math.abs(x)
  const yMagnitude = sizeWord(y)
  const xMagnitude = highWord(ax)
  if (yMagnitude > 0x41e0_0000) {
    if (yMagnitude > 0x43f0_0000) {
      if (xMagnitude <= 0x3fef_ffff) return y < 0 ? Number.POSITIVE_INFINITY : 0
      if (xMagnitude >= 0x3ff0_0000) return y > 0 ? Number.POSITIVE_INFINITY : 0
    }
    if (xMagnitude < 0x3fef_ffff) return y < 0 ? sign * HUGE * HUGE : sign * TINY * TINY
    if (xMagnitude > 0x3ff0_0000) return y > 0 ? sign * HUGE * HUGE : sign * TINY * TINY
    log2NearOne(ax)
  } else log2(ax)
  const t1 = scratch[0]!
  const t2 = scratch[1]!
  const y1 = withoutLowWord(y)
  const low = (y - y1) * t1 + y * t2
  const high = y1 * t1
  const z = low + high
  const word = highWord(z)
  if (word >= 0x4090_0000) {
    if (word > 0x4090_0000 || lowWord(z) !== 0 || low + OVT > z - high) return sign * HUGE * HUGE
  } else if ((word & 0x7fff_ffff) >= 0x4090_cc00 && (z < -1075 || low <= z - high)) {
    if (z <= -1075) return sign * TINY * TINY
  }
  return sign * exp2(high, low)
}
