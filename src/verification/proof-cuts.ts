import { pow } from '../math/pow.ts'
import type { RandomStream } from '../math/random.ts'

const MAX_PROPOSAL_CUTS = 2048
const QUIET_CUTS = 256
const CONFIDENCE = 0.01

/** At which instants a run is looked at again (V4). */
export interface ProofCuts {
  /** Ascending slots: a cut lies at the open of its slot, where the bars before it have closed. */
  readonly slots: readonly number[]
  /** Decisions of the run, and how many of them were made at a cut. */
  readonly decisions: number
  readonly covered: number
}

/**
 * The instants of all decisions, up to 2,048 of them (beyond: a uniform sample), and up to 256 instants without one.
 * `due[row]`: slot at whose open a decision is due; instants are the slots `first` + 1 to `end` of the window.
 * Drawn from `random`, which nobody could know while the run was made.
 */
export function chooseCuts(options: {
  readonly due: Int32Array
  readonly first: number
  readonly end: number
  readonly random: RandomStream
}): ProofCuts {
  const { due, first, end, random } = options
  const counts = new Map<number, number>()
  for (const slot of due) counts.set(slot, (counts.get(slot) ?? 0) + 1)
  const decided = sample(
    [...counts.keys()].sort((a, b) => a - b),
    MAX_PROPOSAL_CUTS,
    random,
  )
  const quiet: number[] = []
  const instants = end - first
  if (instants - counts.size <= QUIET_CUTS) {
    for (let slot = first + 1; slot <= end; slot++) if (!counts.has(slot)) quiet.push(slot)
  } else {
    const drawn = new Set<number>()
    while (drawn.size < QUIET_CUTS) {
      const slot = first + 1 + Math.floor(random() * instants)
      if (!counts.has(slot)) drawn.add(slot)
    }
    quiet.push(...drawn)
  }
  const covered = decided.reduce((sum, slot) => sum + counts.get(slot)!, 0)
  return { slots: [...decided, ...quiet].sort((a, b) => a - b), decisions: due.length, covered }
}

/** `count` of the values, each subset alike (Fisher–Yates), in no order; all of them if there are no more. */
function sample(values: number[], count: number, random: RandomStream): number[] {
  if (values.length <= count) return values
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(random() * (values.length - i))
    const value = values[i]!
    values[i] = values[other]!
    values[other] = value
  }
  return values.slice(0, count)
}

/**
 * Share of leaking decisions that `covered` clean ones exclude at 99 %: with a larger share one of them would have leaked in
 * 99 of 100 samples. 1: nothing was looked at.
 */
export function excludedLeakRate(covered: number): number {
  return covered === 0 ? 1 : 1 - pow(CONFIDENCE, 1 / covered)
}
