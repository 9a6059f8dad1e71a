/* oxlint-disable no-loss-of-precision, oxc/approx-constant -- constants stand as the original states them */
/*!
 * Argument reduction of sin, cos and tan: ports of e_rem_pio2.c and k_rem_pio2.c of fdlibm.
 *
 * Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 *
 * Theory of operation: x = n · π/2 + (y0 + y1). Below 2^19 · π/2, n · π/2 is subtracted in up to three parts of 33 bits
 * (Cody and Waite). Above, only those 24-bit digits of 2/π are multiplied with x that decide n modulo 8 and the fraction
 * (Payne and Hanek); more digits are taken as long as the fraction cancels.
 */
import { highWord, timesPowerOfTwo, withHighWord } from './float-bits.ts'

const INV_PIO2 = 6.36619772367581382433e-1
const PIO2_1 = 1.57079632673412561417
const PIO2_1T = 6.07710050650619224932e-11
const PIO2_2 = 6.0771005063039659766e-11
const PIO2_2T = 2.02226624879595063154e-21
const PIO2_3 = 2.0222662487111664558e-21
const PIO2_3T = 8.47842766036889956997e-32
const TWO24 = 16_777_216
const TWON24 = 5.9604644775390625e-8

/** π/2 in parts of 24 bits. */
const PIO2 = Float64Array.of(
  1.57079625129699707031,
  7.54978941586159635335e-8,
  5.39030252995776476554e-15,
  3.28200341580791294123e-22,
  1.27065575308067607349e-29,
  1.2293330898111132893e-36,
  2.73370053816464559624e-44,
  2.16741683877804819444e-51,
)

/** 2/π in digits of 24 bits. */
// oxfmt-ignore
const TWO_OVER_PI = Int32Array.of(
  0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041, 0xfe5163, 0xabdebb, 0xc561b7,
  0x246e3a, 0x424dd2, 0xe00649, 0x2eea09, 0xd1921c, 0xfe1deb, 0x1cb129, 0xa73ee8, 0x8235f5, 0x2ebb44, 0x84e99c,
  0x7026b4, 0x5f7e41, 0x3991d6, 0x398353, 0x39f49c, 0x845f8b, 0xbdf928, 0x3b1ff8, 0x97ffde, 0x05980f, 0xef2f11,
  0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09, 0xb74f46, 0x3f669e, 0x5fea2d, 0x7527ba, 0xc7ebe5, 0xf17b3d, 0x0739f7,
  0x8a5292, 0xea6bfb, 0x5fb11f, 0x8d5d08, 0x560330, 0x46fc7b, 0x6babf0, 0xcfbc20, 0x9af436, 0x1da9e3, 0x91615e,
  0xe61b08, 0x659985, 0x5f14a0, 0x68408d, 0xffd880, 0x4d7327, 0x310606, 0x1556ca, 0x73a8c9, 0x60e27b, 0xc08c6b,
)

/** The two parts of the remainder that `remPio2` left behind. */
export const remainder = new Float64Array(2)

/** Work space of the large reduction: 24-bit digits of x, of 2/π from where they matter, products, integer digits. */
const digits = new Float64Array(3)
const factors = new Float64Array(20)
const products = new Float64Array(20)
const integers = new Int32Array(20)
const parts = new Float64Array(20)

/**
 * n modulo 8 (negative for a negative `x`; modulo 2^32 below 2^19 · π/2) of x = n · π/2 + remainder, the remainder
 * with |remainder| <= π/4 in `remainder[0] + remainder[1]`. `x` is finite.
 */
export function remPio2(x: number): number {
  const high = highWord(x)
  const magnitude = high & 0x7fff_ffff
  if (magnitude <= 0x3fe9_21fb) {
    remainder[0] = x
    remainder[1] = 0
    return 0
  }
  if (magnitude < 0x4002_d97c) return nearest(x, magnitude)
  const ax = Math.abs(x)
  const n = magnitude <= 0x4139_21fb ? medium(ax, magnitude) : large(ax, magnitude)
  if (high >= 0) return n
  remainder[0] = -remainder[0]!
  remainder[1] = -remainder[1]!
  return -n
}

/** |x| < 3π/4: n is 1 or −1. */
function nearest(x: number, magnitude: number): number {
  const s = x > 0 ? 1 : -1
  let z = x - s * PIO2_1
  let tail = s * PIO2_1T
  if (magnitude === 0x3ff9_21fb) {
    z -= s * PIO2_2
    tail = s * PIO2_2T
  }
  const y0 = z - tail
  remainder[0] = y0
  remainder[1] = z - y0 - tail
  return s
}

function medium(ax: number, magnitude: number): number {
  const n = Math.trunc(ax * INV_PIO2 + 0.5)
  let r = ax - n * PIO2_1
  let w = n * PIO2_1T
  let y0 = r - w
  // Close to a multiple of π/2 the first parts cancel: take the next 33 bits.
  const cancels = n >= 32 || magnitude === highWord(n * 1.5707963267948966)
  const exponent = magnitude >> 20
  if (cancels && exponent - ((highWord(y0) >> 20) & 0x7ff) > 16) {
    let t = r
    w = n * PIO2_2
    r = t - w
    w = n * PIO2_2T - (t - r - w)
    y0 = r - w
    if (exponent - ((highWord(y0) >> 20) & 0x7ff) > 49) {
      t = r
      w = n * PIO2_3
      r = t - w
      w = n * PIO2_3T - (t - r - w)
      y0 = r - w
    }
  }
  remainder[0] = y0
  remainder[1] = r - y0 - w
  return n
}

function large(ax: number, magnitude: number): number {
  const e0 = (magnitude >> 20) - 1046
  let z = withHighWord(ax, magnitude - (e0 << 20))
  for (let i = 0; i < 2; i++) {
    digits[i] = Math.trunc(z)
    z = (z - digits[i]!) * TWO24
  }
  digits[2] = z
  let count = 3
  while (digits[count - 1] === 0) count--
  return reduceDigits(e0, count)
}

function productAt(i: number, last: number): number {
  let sum = 0
  for (let j = 0; j <= last; j++) sum += digits[j]! * factors[last + i - j]!
  return sum
}

/** __kernel_rem_pio2 for double precision (4 digits to begin with). */
function reduceDigits(e0: number, count: number): number {
  const last = count - 1
  const first = Math.max(0, Math.trunc((e0 - 3) / 24))
  const q0 = e0 - 24 * (first + 1)
  for (let i = 0, j = first - last; i <= last + 4; i++, j++) factors[i] = j < 0 ? 0 : TWO_OVER_PI[j]!
  for (let i = 0; i <= 4; i++) products[i] = productAt(i, last)
  let jz = 4
  for (;;) {
    const { n, half, z } = distil(jz, q0)
    if (z !== 0 || !onlyZeros(jz)) return finish({ jz, q0, z, n, half })
    let more = 1
    while (integers[4 - more] === 0) more++
    for (let i = jz + 1; i <= jz + more; i++) {
      factors[last + i] = TWO_OVER_PI[first + i]!
      products[i] = productAt(i, last)
    }
    jz += more
  }
}

function onlyZeros(jz: number): boolean {
  for (let i = jz - 1; i >= 4; i--) if (integers[i] !== 0) return false
  return true
}

/** Products to 24-bit integers, n and the fraction; the fraction becomes negative (half > 0) when it is at least 1/2. */
function distil(jz: number, q0: number): { n: number; half: number; z: number } {
  let z = products[jz]!
  for (let i = 0, j = jz; j > 0; i++, j--) {
    const carry = Math.trunc(TWON24 * z)
    integers[i] = Math.trunc(z - TWO24 * carry)
    z = products[j - 1]! + carry
  }
  z = timesPowerOfTwo(z, q0)
  z -= 8 * Math.floor(z * 0.125)
  let n = Math.trunc(z)
  z -= n
  let half = 0
  if (q0 > 0) {
    const top = integers[jz - 1]! >> (24 - q0)
    n += top
    integers[jz - 1] = integers[jz - 1]! - (top << (24 - q0))
    half = integers[jz - 1]! >> (23 - q0)
  } else if (q0 === 0) half = integers[jz - 1]! >> 23
  else if (z >= 0.5) half = 2
  if (half > 0) {
    n += 1
    const carry = complement(jz)
    if (q0 === 1) integers[jz - 1] = integers[jz - 1]! & 0x7f_ffff
    else if (q0 === 2) integers[jz - 1] = integers[jz - 1]! & 0x3f_ffff
    if (half === 2) {
      z = 1 - z
      if (carry) z -= timesPowerOfTwo(1, q0)
    }
  }
  return { n, half, z }
}

/** 1 − fraction, digit by digit; whether any digit was not zero. */
function complement(jz: number): boolean {
  let carry = false
  for (let i = 0; i < jz; i++) {
    const digit = integers[i]!
    if (carry) integers[i] = 0xff_ffff - digit
    else if (digit !== 0) {
      carry = true
      integers[i] = 0x100_0000 - digit
    }
  }
  return carry
}

/** fraction · π/2 from the integer digits, in two parts. */
function finish(options: { jz: number; q0: number; z: number; n: number; half: number }): number {
  const { n, half } = options
  let { jz, q0, z } = options
  if (z === 0) {
    jz -= 1
    q0 -= 24
    while (integers[jz] === 0) {
      jz--
      q0 -= 24
    }
  } else {
    z = timesPowerOfTwo(z, -q0)
    if (z >= TWO24) {
      const carry = Math.trunc(TWON24 * z)
      integers[jz] = Math.trunc(z - TWO24 * carry)
      jz += 1
      q0 += 24
      integers[jz] = carry
    } else integers[jz] = Math.trunc(z)
  }
  let unit = timesPowerOfTwo(1, q0)
  for (let i = jz; i >= 0; i--) {
    products[i] = unit * integers[i]!
    unit *= TWON24
  }
  for (let i = jz; i >= 0; i--) {
    let sum = 0
    for (let k = 0; k <= 4 && k <= jz - i; k++) sum += PIO2[k]! * products[i + k]!
    parts[jz - i] = sum
  }
  let sum = 0
  for (let i = jz; i >= 0; i--) sum += parts[i]!
  remainder[0] = half === 0 ? sum : -sum
  sum = parts[0]! - sum
  for (let i = 1; i <= jz; i++) sum += parts[i]!
  remainder[1] = half === 0 ? sum : -sum
  return n & 7
}
