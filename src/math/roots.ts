/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*!
 * cbrt with the same bits on every machine, a port of s_cbrt.c (FreeBSD, after fdlibm), and hypot.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 */
import { fromWords, highWord, liftSubnormal, lowWord } from './float-bits.ts'

/** Cube root; error below 1 ulp. */
export function cbrt(x: number): number {
  if (x === 0 || x - x !== 0) return x
  const ax = Math.abs(x)
  const lifted = liftSubnormal(ax)
  // About 5 bits: the exponent divided by 3.
  let t = fromWords(Math.trunc(highWord(lifted) / 3) + (lifted === ax ? 715_094_163 : 696_219_795), 0)
  // About 23 bits.
  const r = t * t * (t / ax)
  t *=
    1.87595182427177009643 +
    r * (-1.88497979543377169875 + r * 1.62142972010535446614) +
    r * r * r * (-7.58397934778766047437e-1 + r * 1.45996192886612446982e-1)
  t = roundTo23Bits(t)
  // One step of Newton: 53 bits.
  const s = t * t
  const q = ax / s
  const step = (q - t) / (t + t + q)
  const root = t + t * step
  return x < 0 ? -root : root
}

/** Away from zero to 23 bits, so that t · t and the quotient by it lose nothing. */
function roundTo23Bits(t: number): number {
  const low = lowWord(t)
  return fromWords(highWord(t) + (low >= 0x8000_0000 ? 1 : 0), ((low ^ 0x8000_0000) & 0xc000_0000) >>> 0)
}

/**
 * Square root of the sum of squares, scaled by the largest value and summed with compensation (Kahan). An infinity among
 * the values gives Infinity, else a NaN gives NaN, no value gives 0.
 */
export function hypot(values: readonly number[]): number {
  let max = 0
  let isNaN = false
  for (const value of values) {
    const size = Math.abs(value)
    if (size === Number.POSITIVE_INFINITY) return size
    if (size !== size) isNaN = true
    else if (size > max) max = size
  }
  if (isNaN) return Number.NaN
  if (max === 0) return 0
  let sum = 0
  let compensation = 0
  for (const value of values) {
    const n = Math.abs(value) / max
    const summand = n * n - compensation
    const next = sum + summand
    compensation = next - sum - summand
    sum = next
  }
  return Math.sqrt(sum) * max
}
