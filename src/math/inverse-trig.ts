/* oxlint-disable no-loss-of-precision -- coefficients stand as fdlibm states them */
/*!
 * asin, acos, atan and atan2 with the same bits on every machine: the methods and coefficients of e_asin.c, e_acos.c,
 * s_atan.c and e_atan2.c of fdlibm 5.3.
 *
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 *
 * Theory of operation. asin(x) = x + x · R(x²) holds up to 1/2, with R a quotient of two polynomials. Above, half the
 * angle is taken: with z = (1 − |x|) / 2, asin(|x|) = π/2 − 2 · asin(√z) and acos(|x|) = 2 · asin(√z). Where the
 * rounding of √z would be seen, it stands as a head of 21 bits and a tail.
 * atan turns its argument by the nearest of the angles 0, atan(1/2), π/4, atan(3/2) and π/2, known to more than 53 bits,
 * and adds a series in what is left, |t| <= 7/16.
 * Outside the domain the one NaN of the language is returned: the sign of a computed one differs between processors.
 */
import { PI, PI_LO, PIO2, PIO2_LO, PIO4, PIO4_LO } from './constants.ts'
import { highWord, withoutLowWord } from './float-bits.ts'
import { horner, inTwoSums } from './polynomial.ts'

const ARC_ABOVE = [
  1.66666666666666657415e-1, -3.25565818622400915405e-1, 2.01212532134862925881e-1, -4.00555345006794114027e-2,
  7.91534994289814532176e-4, 3.4793310759602116757e-5,
]
const ARC_BELOW = [
  1, -2.40339491173441421878, 2.02094576023350569471, -6.8828397160545329303e-1, 7.70381505559019352791e-2,
]

/** From here to 1 twice asin(√z) is so small beside π/2 that its tail is not seen. */
const TAIL_UNSEEN = 16_357_784 / 16_777_216

/** R(z) of asin(x) = x + x · R(x²), 0 <= z <= 1/4. */
function arcQuotient(z: number): number {
  return (z * horner(ARC_ABOVE, z)) / horner(ARC_BELOW, z)
}

/** What √z has beyond `head`, its upper word. */
function rootTail(z: number, root: number, head: number): number {
  return (z - head * head) / (root + head)
}

/** Arc sine in radians; error below 1 ulp. NaN outside [−1, 1]. */
export function asin(x: number): number {
  const ax = Math.abs(x)
  if (!(ax <= 1)) return Number.NaN
  if (ax < 0.5) return x + x * arcQuotient(x * x)
  const angle = asinFromHalf(ax)
  return x < 0 ? -angle : angle
}

/** asin for x >= 1/2. */
function asinFromHalf(x: number): number {
  const z = (1 - x) * 0.5
  const root = Math.sqrt(z)
  const bend = root * arcQuotient(z)
  if (x >= TAIL_UNSEEN) return PIO2 - (2 * (root + bend) - PIO2_LO)
  const head = withoutLowWord(root)
  const small = 2 * bend - (PIO2_LO - 2 * rootTail(z, root, head))
  return PIO4 - (small - (PIO4 - 2 * head))
}

/** Arc cosine in radians; error below 1 ulp. NaN outside [−1, 1]. */
export function acos(x: number): number {
  const ax = Math.abs(x)
  if (!(ax <= 1)) return Number.NaN
  if (ax < 0.5) return PIO2 - (x - (PIO2_LO - x * arcQuotient(x * x)))
  // The tail of a root of 0 would be 0 / 0.
  if (x === 1) return 0
  const z = (1 - ax) * 0.5
  const root = Math.sqrt(z)
  const bend = root * arcQuotient(z)
  if (x < 0) return PI - 2 * (root + (bend - PIO2_LO))
  const head = withoutLowWord(root)
  return 2 * (head + (bend + rootTail(z, root, head)))
}

/** An angle that atan turns by: its tangent, and the angle as a double and the rest of it. */
interface Turn {
  readonly tangent: number
  readonly angle: number
  readonly rest: number
}

const TO_HALF: Turn = { tangent: 0.5, angle: 4.63647609000806093515e-1, rest: 2.26987774529616870924e-17 }
const TO_ONE: Turn = { tangent: 1, angle: PIO4, rest: PIO4_LO }
const TO_THREE_HALVES: Turn = { tangent: 1.5, angle: 9.82793723247329054082e-1, rest: 1.39033110312309984516e-17 }
const TO_INFINITY: Turn = { tangent: Number.POSITIVE_INFINITY, angle: PIO2, rest: PIO2_LO }

/** 1/3, −1/5, 1/7 … fitted to the interval: atan(t) = t − t · Σ. */
const ATAN_SERIES = [
  3.33333333333329318027e-1, -1.99999999998764832476e-1, 1.42857142725034663711e-1, -1.1111110405462355788e-1,
  9.09088713343650656196e-2, -7.69187620504482999495e-2, 6.66107313738753120669e-2, -5.83357013379057348645e-2,
  4.97687799461593236017e-2, -3.6531572744216915527e-2, 1.62858201153657823623e-2,
]

/** Below it atan(x) is x; the series would lose the sign of a zero. */
const ATAN_IS_X = 7.450580596923828e-9

/** Arc tangent in radians; error below 1 ulp. */
export function atan(x: number): number {
  if (x !== x) return Number.NaN
  const ax = Math.abs(x)
  if (ax < ATAN_IS_X) return x
  if (ax < 7 / 16) return x - x * inTwoSums(ATAN_SERIES, x * x)
  const { tangent, angle, rest } = nearestTurn(ax)
  const t = tangent === Number.POSITIVE_INFINITY ? -1 / ax : (ax - tangent) / (1 + tangent * ax)
  const value = angle - (t * inTwoSums(ATAN_SERIES, t * t) - rest - t)
  return x < 0 ? -value : value
}

function nearestTurn(x: number): Turn {
  if (x < 19 / 16) return x < 11 / 16 ? TO_HALF : TO_ONE
  return x < 39 / 16 ? TO_THREE_HALVES : TO_INFINITY
}

/** Difference of two upper words from which on y / x counts as infinite. */
const STEEP = 61 << 20

/** Angle of the point (x, y) in radians in [−π, π]; error below 2 ulp. Special cases as `Math.atan2`. */
export function atan2(y: number, x: number): number {
  if (x !== x || y !== y) return Number.NaN
  const angle = angleAbove(Math.abs(y), x)
  return highWord(y) < 0 ? -angle : angle
}

/** atan2 for y >= 0 or +0. */
function angleAbove(y: number, x: number): number {
  const left = highWord(x) < 0
  const ax = Math.abs(x)
  if (y === 0) return left ? PI : 0
  if (y === Number.POSITIVE_INFINITY) {
    if (ax !== Number.POSITIVE_INFINITY) return PIO2
    return left ? 3 * PIO4 : PIO4
  }
  if (ax === 0 || highWord(y) - highWord(ax) >= STEEP) return PIO2
  const angle = atan(y / ax)
  return left ? PI - (angle - PI_LO) : angle
}
