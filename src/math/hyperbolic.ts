/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*
 * Hyperbolic functions and their inverses with the same bits on every machine: ports of e_sinh.c, e_cosh.c, s_tanh.c,
 * s_asinh.c, e_acosh.c and e_atanh.c of fdlibm.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 */
import { exp, log } from './exp-log.ts'
import { expm1, log1p } from './expm1-log1p.ts'

const LN2 = 6.93147180559945286227e-1
const LOG_MAX = 709.7822265625
const OVERFLOW = 710.4758600739439
const TWO28 = 268_435_456
const TWOM28 = 3.725290298461914e-9
const TWOM55 = 2.7755575615628914e-17

/** Hyperbolic sine; error below 2 ulp. */
export function sinh(x: number): number {
  const ax = Math.abs(x)
  const h = x < 0 ? -0.5 : 0.5
  if (ax < 22) {
    if (ax < TWOM28) return x
    const t = expm1(ax)
    return ax < 1 ? h * (2 * t - (t * t) / (t + 1)) : h * (t + t / (t + 1))
  }
  if (ax < LOG_MAX) return h * exp(ax)
  if (ax <= OVERFLOW) {
    const w = exp(0.5 * ax)
    return h * w * w
  }
  return x !== x ? Number.NaN : x * Number.POSITIVE_INFINITY
}

/** Hyperbolic cosine; error below 2 ulp. */
export function cosh(x: number): number {
  const ax = Math.abs(x)
  if (ax < 0.5 * LN2) {
    const t = expm1(ax)
    const w = 1 + t
    return ax < TWOM55 ? w : 1 + (t * t) / (w + w)
  }
  if (ax < 22) {
    const t = exp(ax)
    return 0.5 * t + 0.5 / t
  }
  if (ax < LOG_MAX) return 0.5 * exp(ax)
  if (ax <= OVERFLOW) {
    const w = exp(0.5 * ax)
    return 0.5 * w * w
  }
  return x !== x ? Number.NaN : Number.POSITIVE_INFINITY
}

/** Hyperbolic tangent; error below 2 ulp. */
export function tanh(x: number): number {
  if (x !== x) return Number.NaN
  const ax = Math.abs(x)
  if (ax < TWOM28) return x
  let z = 1
  if (ax < 1) {
    const t = expm1(-2 * ax)
    z = -t / (t + 2)
  } else if (ax < 22) z = 1 - 2 / (expm1(2 * ax) + 2)
  return x < 0 ? -z : z
}

/** Inverse hyperbolic sine; error below 2 ulp. */
export function asinh(x: number): number {
  const ax = Math.abs(x)
  if (!(ax < Number.POSITIVE_INFINITY)) return x + x
  if (ax < TWOM28) return x
  let w = 0
  if (ax > TWO28) w = log(ax) + LN2
  else if (ax > 2) w = log(2 * ax + 1 / (Math.sqrt(x * x + 1) + ax))
  else {
    const t = x * x
    w = log1p(ax + t / (1 + Math.sqrt(1 + t)))
  }
  return x < 0 ? -w : w
}

/** Inverse hyperbolic cosine; error below 2 ulp. NaN below 1. */
export function acosh(x: number): number {
  if (!(x >= 1)) return Number.NaN
  if (x === 1) return 0
  if (x >= TWO28) return log(x) + LN2
  if (x > 2) return log(2 * x - 1 / (x + Math.sqrt(x * x - 1)))
  const t = x - 1
  return log1p(t + Math.sqrt(2 * t + t * t))
}

/** Inverse hyperbolic tangent; error below 2 ulp. ±1 gives ±Infinity, NaN outside [−1, 1]. */
export function atanh(x: number): number {
  const ax = Math.abs(x)
  if (!(ax <= 1)) return Number.NaN
  if (ax === 1) return x * Number.POSITIVE_INFINITY
  if (ax < TWOM28) return x
  const t = ax + ax
  const y = ax < 0.5 ? 0.5 * log1p(t + (t * ax) / (1 - ax)) : 0.5 * log1p(t / (1 - ax))
  return x < 0 ? -y : y
}
