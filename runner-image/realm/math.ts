/*
 * Math of a realm. The language leaves the bits of transcendental functions open, and they differ between versions of
 * the engine and processors: all of them are our kernels. A function that is neither exact nor ours is removed.
 */
import { exp, expm1 } from '../../src/math/exponentials.ts'
import { acosh, asinh, atanh, cosh, sinh, tanh } from '../../src/math/hyperbolic.ts'
import { acos, asin, atan, atan2 } from '../../src/math/inverse-trig.ts'
import { log, log10, log1p, log2 } from '../../src/math/logarithms.ts'
import { pow } from '../../src/math/pow.ts'
import { cbrt, hypot } from '../../src/math/roots.ts'
import { cos, sin, tan } from '../../src/math/trig.ts'

/** Functions whose result the language fixes to the last bit. */
const EXACT: readonly string[] = 'abs ceil clz32 f16round floor fround imul max min round sign sqrt trunc random'.split(
  ' ',
)

const UNARY = {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cbrt,
  cos,
  cosh,
  exp,
  expm1,
  log,
  log10,
  log1p,
  log2,
  sin,
  sinh,
  tan,
  tanh,
} as const

const BINARY = { atan2, pow } as const

/** ToNumber of the language: unlike Number() it refuses a BigInt. */
function toNumber(value: unknown): number {
  return (value as number) - 0
}

/** Replaces what depends on libm or on the engine's generator; names and lengths stay as the language has them. */
export function installMath(random: () => number): void {
  const math = Math as unknown as Record<string, unknown>
  for (const name of Object.getOwnPropertyNames(Math)) {
    if (typeof math[name] === 'function' && !EXACT.includes(name)) delete math[name]
  }
  const define = (name: string, length: number, value: unknown): void => {
    Object.defineProperty(value, 'name', { value: name, configurable: true })
    Object.defineProperty(value, 'length', { value: length, configurable: true })
    Object.defineProperty(math, name, { value, writable: true, configurable: true, enumerable: false })
  }
  define('random', 0, () => random())
  for (const [name, kernel] of Object.entries(UNARY)) define(name, 1, (x: unknown) => kernel(toNumber(x)))
  for (const [name, kernel] of Object.entries(BINARY)) {
    define(name, 2, (x: unknown, y: unknown) => kernel(toNumber(x), toNumber(y)))
  }
  define('hypot', 2, (...values: unknown[]) => hypot(values.map(toNumber)))
}
