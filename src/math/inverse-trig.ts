/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*
 * asin, acos, atan and atan2 with the same bits on every machine: ports of e_asin.c, e_acos.c, s_atan.c and e_atan2.c of
 * fdlibm.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 */
import { highWord, withoutLowWord } from './float-bits.ts'

const PI = 3.141592653589793116
const PI_LO = 1.2246467991473531772e-16
const PIO2_HI = 1.570796326794896558
const PIO2_LO = 6.12323399573676603587e-17
const PIO4_HI = 7.85398163397448278999e-1
const ATAN_HIGH = [4.63647609000806093515e-1, 7.85398163397448278999e-1, 9.82793723247329054082e-1, PIO2_HI] as const
const ATAN_LOW = [2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17, PIO2_LO] as const

/** R(z) of asin(x) = x + x · R(x²) on [0, 0.5]. */
function asinRational(z: number): number {
  const p =
    z *
    (1.66666666666666657415e-1 +
      z *
        (-3.25565818622400915405e-1 +
          z *
            (2.01212532134862925881e-1 +
              z * (-4.00555345006794114027e-2 + z * (7.91534994289814532176e-4 + z * 3.4793310759602116757e-5)))))
  const q =
    1 +
    z *
      (-2.40339491173441421878 +
        z * (2.02094576023350569471 + z * (-6.8828397160545329303e-1 + z * 7.70381505559019352791e-2)))
  return p / q
}

/** Arc sine in radians; error below 1 ulp. NaN outside [−1, 1]. */
export function asin(x: number): number {
  const ax = Math.abs(x)
  if (!(ax <= 1)) return Number.NaN
  if (ax === 1) return x * PIO2_HI + x * PIO2_LO
  const magnitude = highWord(ax)
  if (magnitude < 0x3e40_0000) return x
  if (magnitude < 0x3fe0_0000) return x + x * asinRational(x * x)
  const t = (1 - ax) * 0.5
  const r = asinRational(t)
  const s = Math.sqrt(t)
  let value = 0
  if (magnitude >= 0x3fef_3333) value = PIO2_HI - (2 * (s + s * r) - PIO2_LO)
  else {
    const w = withoutLowWord(s)
    const c = (t - w * w) / (s + w)
    const p = 2 * s * r - (PIO2_LO - 2 * c)
    const q = PIO4_HI - 2 * w
    value = PIO4_HI - (p - q)
  }
  return x > 0 ? value : -value
}

/** Arc cosine in radians; error below 1 ulp. NaN outside [−1, 1]. */
export function acos(x: number): number {
  const ax = Math.abs(x)
  if (!(ax <= 1)) return Number.NaN
  if (ax === 1) return x > 0 ? 0 : PI + 2 * PIO2_LO
  const magnitude = highWord(ax)
  if (magnitude < 0x3fe0_0000) {
    if (magnitude <= 0x3c60_0000) return PIO2_HI + PIO2_LO
    return PIO2_HI - (x - (PIO2_LO - x * asinRational(x * x)))
  }
  const z = (1 - ax) * 0.5
  const s = Math.sqrt(z)
  const r = asinRational(z)
  if (x < 0) return PI - 2 * (s + (r * s - PIO2_LO))
  const df = withoutLowWord(s)
  const c = (z - df * df) / (s + df)
  return 2 * (df + (r * s + c))
}

/** Arc tangent in radians; error below 1 ulp. */
export function atan(x: number): number {
  if (x !== x) return Number.NaN
  const negative = x < 0
  const magnitude = highWord(x) & 0x7fff_ffff
  if (magnitude >= 0x4410_0000) return negative ? -PIO2_HI - PIO2_LO : PIO2_HI + PIO2_LO
  if (magnitude < 0x3e40_0000) return x
  let id = -1
  let r = x
  if (magnitude >= 0x3fdc_0000) {
    r = Math.abs(x)
    if (magnitude < 0x3fe6_0000) {
      id = 0
      r = (2 * r - 1) / (2 + r)
    } else if (magnitude < 0x3ff3_0000) {
      id = 1
      r = (r - 1) / (r + 1)
    } else if (magnitude < 0x4003_8000) {
      id = 2
      r = (r - 1.5) / (1 + 1.5 * r)
    } else {
      id = 3
      r = -1 / r
    }
  }
  const sum = atanSum(r * r)
  if (id < 0) return r - r * sum
  const value = ATAN_HIGH[id]! - (r * sum - ATAN_LOW[id]! - r)
  return negative ? -value : value
}

function atanSum(z: number): number {
  const w = z * z
  const s1 =
    z *
    (3.33333333333329318027e-1 +
      w *
        (1.42857142725034663711e-1 +
          w *
            (9.09088713343650656196e-2 +
              w * (6.66107313738753120669e-2 + w * (4.97687799461593236017e-2 + w * 1.62858201153657823623e-2)))))
  const s2 =
    w *
    (-1.99999999998764832476e-1 +
      w *
        (-1.1111110405462355788e-1 +
          w * (-7.69187620504482999495e-2 + w * (-5.83357013379057348645e-2 + w * -3.6531572744216915527e-2))))
  return s1 + s2
}

function isNegative(x: number): boolean {
  return highWord(x) < 0
}

/** Angle of the point (x, y) in radians in [−π, π]; error below 2 ulp. Special cases as `Math.atan2`. */
export function atan2(y: number, x: number): number {
  if (x !== x || y !== y) return Number.NaN
  if (x === 1) return atan(y)
  const down = isNegative(y)
  const left = isNegative(x)
  if (y === 0) {
    if (!left) return y
    return down ? -PI : PI
  }
  if (x === 0) return down ? -PIO2_HI : PIO2_HI
  const ax = Math.abs(x)
  const ay = Math.abs(y)
  if (ax === Number.POSITIVE_INFINITY) {
    const value = ay === Number.POSITIVE_INFINITY ? (left ? 3 * PIO4_HI : PIO4_HI) : left ? PI : 0
    return down ? -value : value
  }
  if (ay === Number.POSITIVE_INFINITY) return down ? -PIO2_HI : PIO2_HI
  const k = ((highWord(ay) - highWord(ax)) | 0) >> 20
  let z = 0
  let steep = false
  if (k > 60) {
    z = PIO2_HI + 0.5 * PI_LO
    steep = true
  } else if (!(left && k < -60)) z = atan(Math.abs(y / x))
  if (!left || steep) return down ? -z : z
  return down ? z - PI_LO - PI : PI - (z - PI_LO)
}
