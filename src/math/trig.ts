/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*!
 * sin, cos and tan with the same bits on every machine: ports of k_sin.c, k_cos.c and k_tan.c of fdlibm.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 */
import { PIO4, PIO4_LO } from './constants.ts'
import { highWord, sizeWord, withHighWord, withoutLowWord } from './float-bits.ts'
import { remainder, remPio2 } from './trig-reduction.ts'

/** sin(x + y) for |x| <= π/4, y the tail of x. */
function kernelSin(x: number, y: number, tailed: boolean): number {
  if (sizeWord(x) < 0x3e40_0000) return x
  const z = x * x
  const v = z * x
  const r =
    8.33333333332248946124e-3 +
    z *
      (-1.98412698298579493134e-4 +
        z * (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)))
  if (!tailed) return x + v * (-1.66666666666666324348e-1 + z * r)
  return x - (z * (0.5 * y - v * r) - y - v * -1.66666666666666324348e-1)
}

/** cos(x + y) for |x| <= π/4, y the tail of x. */
function kernelCos(x: number, y: number): number {
  const magnitude = sizeWord(x)
  if (magnitude < 0x3e40_0000) return 1
  const z = x * x
  const r =
    z *
    (4.16666666666666019037e-2 +
      z *
        (-1.38888888888741095749e-3 +
          z *
            (2.48015872894767294178e-5 +
              z * (-2.75573143513906633035e-7 + z * (2.0875723212981748279e-9 + z * -1.13596475577881948265e-11)))))
  if (magnitude < 0x3fd3_3333) return 1 - (0.5 * z - (z * r - x * y))
  const q = magnitude > 0x3fe9_0000 ? 0.28125 : withHighWord(0, magnitude - 0x0020_0000)
  const half = 0.5 * z - q
  return 1 - q - (half - (z * r - x * y))
}

/** tan(x + y) (or −1/tan when `inverse`) for |x| <= π/4, y the tail of x. */
function kernelTan(argument: number, tail: number, inverse: boolean): number {
  let x = argument
  let y = tail
  const high = highWord(x)
  const magnitude = high & 0x7fff_ffff
  if (magnitude < 0x3e30_0000) return inverse ? smallInverse(x, y) : x
  const big = magnitude >= 0x3fe5_9428
  if (big) {
    if (x < 0) {
      x = -x
      y = -y
    }
    x = PIO4 - x + (PIO4_LO - y)
    y = 0
  }
  const z = x * x
  let w = z * z
  const odd =
    1.33333333333201242699e-1 +
    w *
      (2.18694882948595424599e-2 +
        w *
          (3.59207910759131235356e-3 +
            w * (5.88041240820264096874e-4 + w * (7.817944429395570923e-5 + w * -1.85586374855275456654e-5))))
  const even =
    z *
    (5.39682539762260521377e-2 +
      w *
        (8.86323982359930005737e-3 +
          w *
            (1.45620945432529025516e-3 +
              w * (2.46463134818469906812e-4 + w * (7.14072491382608190305e-5 + w * 2.59073051863633712884e-5)))))
  const s = z * x
  let r = y + z * (s * (odd + even) + y)
  r += 3.33333333333334091986e-1 * s
  w = x + r
  if (big) {
    const v = inverse ? -1 : 1
    return (1 - ((high >> 30) & 2)) * (v - 2 * (x - ((w * w) / (w + v) - r)))
  }
  return inverse ? minusInverse(x, r, w) : w
}

/** −1/(x + r), w = x + r rounded, with the bits that the plain quotient loses. */
function minusInverse(x: number, r: number, w: number): number {
  const z = withoutLowWord(w)
  const v = r - (z - x)
  const a = -1 / w
  const t = withoutLowWord(a)
  return t + a * (1 + t * z + t * v)
}

function smallInverse(x: number, y: number): number {
  return minusInverse(x, y, x + y)
}

function isFiniteNumber(x: number): boolean {
  return x - x === 0
}

function isSmall(x: number): boolean {
  return sizeWord(x) <= 0x3fe9_21fb
}

/** Sine of `x` in radians, of any size; error below 1 ulp. Not finite: NaN. */
export function sin(x: number): number {
  if (!isFiniteNumber(x)) return Number.NaN
  if (isSmall(x)) return kernelSin(x, 0, false)
  const n = remPio2(x) & 3
  const y0 = remainder[0]!
  const y1 = remainder[1]!
  const value = (n & 1) === 0 ? kernelSin(y0, y1, true) : kernelCos(y0, y1)
  return n < 2 ? value : -value
}

/** Cosine of `x` in radians, of any size; error below 1 ulp. Not finite: NaN. */
export function cos(x: number): number {
  if (!isFiniteNumber(x)) return Number.NaN
  if (isSmall(x)) return kernelCos(x, 0)
  const n = remPio2(x) & 3
  const y0 = remainder[0]!
  const y1 = remainder[1]!
  const value = (n & 1) === 0 ? kernelCos(y0, y1) : kernelSin(y0, y1, true)
  return n === 0 || n === 3 ? value : -value
}

/** Tangent of `x` in radians, of any size; error below 1 ulp. Not finite: NaN. */
export function tan(x: number): number {
  if (!isFiniteNumber(x)) return Number.NaN
  if (isSmall(x)) return kernelTan(x, 0, false)
  const n = remPio2(x)
  return kernelTan(remainder[0]!, remainder[1]!, (n & 1) !== 0)
}
