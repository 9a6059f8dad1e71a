/*!
 * Hyperbolic functions and their inverses with the same bits on every machine: the methods of e_sinh.c, e_cosh.c,
 * s_tanh.c, s_asinh.c, e_acosh.c and e_atanh.c of fdlibm 5.3.
 *
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 *
 * Theory of operation. Everything comes from exp and log: near 0, where adding 1 would swallow the argument, from expm1
 * and log1p; far out (x >= 22, or x >= 2^28 for the inverses) without the terms that no longer reach the last place. The
 * odd functions are computed for |x| and take the sign back.
 */
import { HALF_LN2, LN2 } from './constants.ts'
import { exp, expm1 } from './exponentials.ts'
import { log, log1p } from './logarithms.ts'

const EXP_SAFE = 709.7822265625
const OVERFLOW = 710.4758600739439
const TWO28 = 268_435_456
/** First double of the upper word after that of 2, and of 2^28: fdlibm compares words. */
const AFTER_TWO = 2 + 1 / 524_288
const AFTER_TWO28 = TWO28 + 256
const TWOM28 = 3.725290298461914e-9
const TWOM55 = 2.7755575615628914e-17

/** half · e^x for x >= 22, also where e^x alone overflows. `half` is 1/2 or −1/2. */
function halfExp(half: number, x: number): number {
  if (x < EXP_SAFE) return half * exp(x)
  if (x > OVERFLOW) return half * Number.POSITIVE_INFINITY
  const root = exp(0.5 * x)
  return half * root * root
}

/** Hyperbolic sine; error below 2 ulp. */
export function sinh(x: number): number {
  if (x !== x) return Number.NaN
  const ax = Math.abs(x)
  if (ax < TWOM28) return x
  const half = x < 0 ? -0.5 : 0.5
  if (ax >= 22) return halfExp(half, ax)
  const t = expm1(ax)
  return half * (ax < 1 ? 2 * t - (t * t) / (t + 1) : t + t / (t + 1))
}

/** Hyperbolic cosine; error below 2 ulp. */
export function cosh(x: number): number {
  if (x !== x) return Number.NaN
  const ax = Math.abs(x)
  if (ax >= 22) return halfExp(0.5, ax)
  if (ax >= HALF_LN2) {
    const t = exp(ax)
    return 0.5 * t + 0.5 / t
  }
  const t = expm1(ax)
  const power = 1 + t
  return ax < TWOM55 ? power : 1 + (t * t) / (power + power)
}

/** Hyperbolic tangent; error below 2 ulp. */
export function tanh(x: number): number {
  if (x !== x) return Number.NaN
  const ax = Math.abs(x)
  if (ax < TWOM28) return x
  const value = tanhAbove(ax)
  return x < 0 ? -value : value
}

function tanhAbove(x: number): number {
  if (x >= 22) return 1
  if (x >= 1) return 1 - 2 / (expm1(2 * x) + 2)
  const t = expm1(-2 * x)
  return -t / (t + 2)
}

/** ln(2x), which overflows only with x. */
function logOfDouble(x: number): number {
  return log(x) + LN2
}

/** ln(x + √(x² + square)) for x > 2 and square 1 or −1: both inverses between where they bend and where 1 is lost. */
function logOfSum(x: number, square: number): number {
  return log(2 * x + square / (x + Math.sqrt(x * x + square)))
}

/** Inverse hyperbolic sine; error below 2 ulp. */
export function asinh(x: number): number {
  if (x !== x) return Number.NaN
  const ax = Math.abs(x)
  if (ax < TWOM28) return x
  const value = asinhAbove(ax)
  return x < 0 ? -value : value
}

function asinhAbove(x: number): number {
  if (x >= AFTER_TWO28) return logOfDouble(x)
  if (x >= AFTER_TWO) return logOfSum(x, 1)
  const square = x * x
  return log1p(x + square / (1 + Math.sqrt(1 + square)))
}

/** Inverse hyperbolic cosine; error below 2 ulp. NaN below 1. */
export function acosh(x: number): number {
  if (x >= TWO28) return logOfDouble(x)
  if (x >= AFTER_TWO) return logOfSum(x, -1)
  if (!(x >= 1)) return Number.NaN
  const above = x - 1
  return log1p(above + Math.sqrt(2 * above + above * above))
}

/** Inverse hyperbolic tangent; error below 2 ulp. ±1 gives ±Infinity, NaN outside [−1, 1]. */
export function atanh(x: number): number {
  const ax = Math.abs(x)
  if (!(ax <= 1)) return Number.NaN
  if (ax < TWOM28) return x
  const twice = ax + ax
  const value = 0.5 * log1p(ax < 0.5 ? twice + (twice * ax) / (1 - ax) : twice / (1 - ax))
  return x < 0 ? -value : value
}
