/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*
 * expm1 and log1p with the same bits on every machine: ports of s_expm1.c and s_log1p.c of fdlibm.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 */
import { highWord, withHighWord } from './float-bits.ts'

const LN2_HI = 6.9314718036912381649e-1
const LN2_LO = 1.90821492927058770002e-10
const INV_LN2 = 1.442695040888963387
const EXP_OVERFLOW = 7.09782712893383973096e2

/** e^x − 1, exact near 0; error below 1 ulp. */
export function expm1(x: number): number {
  if (x !== x) return Number.NaN
  const magnitude = highWord(x) & 0x7fff_ffff
  const negative = highWord(x) < 0
  if (magnitude >= 0x4043_687a) {
    if (x > EXP_OVERFLOW) return Number.POSITIVE_INFINITY
    if (negative) return -1
  }
  let k = 0
  let r = x
  let c = 0
  if (magnitude > 0x3fd6_2e42) {
    let hi = 0
    let lo = 0
    if (magnitude < 0x3ff0_a2b2) {
      k = negative ? -1 : 1
      hi = x - k * LN2_HI
      lo = k * LN2_LO
    } else {
      k = Math.trunc(INV_LN2 * x + (negative ? -0.5 : 0.5))
      hi = x - k * LN2_HI
      lo = k * LN2_LO
    }
    r = hi - lo
    c = hi - r - lo
  } else if (magnitude < 0x3c90_0000) return x
  return expm1Reduced({ x: r, c, k })
}

/** 2^k · e^(x + c) − 1 for |x| <= ln2 / 2. */
function expm1Reduced({ x, c, k }: { x: number; c: number; k: number }): number {
  const hfx = 0.5 * x
  const hxs = x * hfx
  const r1 =
    1 +
    hxs *
      (-3.33333333333331316428e-2 +
        hxs *
          (1.58730158725481460165e-3 +
            hxs * (-7.93650757867487942473e-5 + hxs * (4.00821782732936239552e-6 + hxs * -2.01099218183624371326e-7))))
  const t = 3 - r1 * hfx
  let e = hxs * ((r1 - t) / (6 - x * t))
  if (k === 0) return x - (x * e - hxs)
  e = x * (e - c) - c
  e -= hxs
  if (k === -1) return 0.5 * (x - e) - 0.5
  if (k === 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e)
  if (k <= -2 || k > 56) {
    const y = 1 - (e - x)
    // 2^1024 is no double.
    if (k === 1024) return y * 2 * 8.98846567431158e307
    return withHighWord(y, highWord(y) + (k << 20)) - 1
  }
  const power = withHighWord(0, (0x3ff - k) << 20)
  const y = k < 20 ? 1 - power - (e - x) : x - (e + power) + 1
  return withHighWord(y, highWord(y) + (k << 20))
}

/** ln(1 + x), exact near 0; error below 1 ulp. −1 gives −Infinity, below it NaN. */
export function log1p(x: number): number {
  if (x !== x || x < -1) return Number.NaN
  if (x === -1) return Number.NEGATIVE_INFINITY
  if (x === Number.POSITIVE_INFINITY) return x
  const high = highWord(x)
  const magnitude = high & 0x7fff_ffff
  if (high < 0x3fda_827a) {
    if (magnitude < 0x3e20_0000) return magnitude < 0x3c90_0000 ? x : x - x * x * 0.5
    // −0.2929 < x < 0.41422: no reduction.
    if (high > 0 || high <= (0xbfd2_bec4 | 0)) return log1pReduced({ f: x, k: 0, c: 0, fraction: 1 })
  }
  let u = x
  let word = high
  let c = 0
  let k = 0
  if (high < 0x4340_0000) {
    u = 1 + x
    word = highWord(u)
    k = (word >> 20) - 1023
    c = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u
  } else k = (word >> 20) - 1023
  word &= 0x000f_ffff
  if (word < 0x6_a09e) u = withHighWord(u, word | 0x3ff0_0000)
  else {
    k += 1
    u = withHighWord(u, word | 0x3fe0_0000)
    word = (0x0010_0000 - word) >> 2
  }
  return log1pReduced({ f: u - 1, k, c, fraction: word })
}

function log1pReduced({ f, k, c, fraction }: { f: number; k: number; c: number; fraction: number }): number {
  const half = 0.5 * f * f
  if (fraction === 0) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HI + (c + k * LN2_LO)
    const r = half * (1 - 0.66666666666666666 * f)
    return k === 0 ? f - r : k * LN2_HI - (r - (k * LN2_LO + c) - f)
  }
  const s = f / (2 + f)
  const z = s * s
  const r =
    z *
    (6.66666666666673513e-1 +
      z *
        (3.999999999940941908e-1 +
          z *
            (2.857142874366239149e-1 +
              z *
                (2.222219843214978396e-1 +
                  z * (1.818357216161805012e-1 + z * (1.531383769920937332e-1 + z * 1.479819860511658591e-1))))))
  if (k === 0) return f - (half - s * (half + r))
  return k * LN2_HI - (half - (s * (half + r) + (k * LN2_LO + c)) - f)
}
