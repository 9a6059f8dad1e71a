import { createRandom } from '../support/random.ts'
import type { FuzzCase, FuzzTarget } from './fuzz-target.ts'

export interface FuzzFinding {
  readonly seed: number
  readonly index: number
  readonly message: string
  /** As small as it could be made and still fail. */
  readonly input: FuzzCase
}

/** One case may take longer only if something is wrong: most take well under a millisecond. */
const SLOW_MS = 5000
const GOLDEN_RATIO = 0x9e3779b1

/** The case `index` of a seed, whatever was made before. */
export function makeCase(target: FuzzTarget, seed: number, index: number): FuzzCase {
  return target.make(createRandom(seed ^ Math.imul(index + 1, GOLDEN_RATIO)))
}

/** Why a case fails, or null. */
export function problemOf(target: FuzzTarget, input: FuzzCase): string | null {
  const started = performance.now()
  try {
    target.check(input)
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
  const ms = performance.now() - started
  return ms > SLOW_MS ? `It took ${Math.round(ms)} ms` : null
}

/** Leaves out parts, halving them, as long as something fails. */
function shrink(target: FuzzTarget, input: FuzzCase): FuzzCase {
  const end = performance.now() + 10_000
  let { bytes } = input
  for (let size = bytes.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= bytes.length && performance.now() < end;) {
      const without = new Uint8Array(bytes.length - size)
      without.set(bytes.subarray(0, at))
      without.set(bytes.subarray(at + size), at)
      if (problemOf(target, { ...input, bytes: without }) === null) at += size
      else bytes = without
    }
  }
  return { ...input, bytes }
}

export interface FuzzRun {
  readonly executions: number
  readonly bytes: number
  readonly finding: FuzzFinding | null
}

/** Cases from `first` on until `goesOn` says no, or one fails. */
export function runCases(
  target: FuzzTarget,
  options: { readonly seed: number; readonly first?: number; readonly goesOn: (done: number) => boolean },
): FuzzRun {
  const { seed, first = 0, goesOn } = options
  let bytes = 0
  let done = 0
  for (; goesOn(done); done += 1) {
    const input = makeCase(target, seed, first + done)
    bytes += input.bytes.length
    if (problemOf(target, input) === null) continue
    const smallest = shrink(target, input)
    const message = problemOf(target, smallest) ?? 'It fails, but not again'
    return { executions: done + 1, bytes, finding: { seed, index: first + done, message, input: smallest } }
  }
  return { executions: done, bytes, finding: null }
}
