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
  /** The same of answers of user code in phase 2. */
  readonly answers: number
  readonly coveredAnswers: number
}

/**
 * The instants of all decisions and answers, up to 2,048 of them (beyond: a uniform sample), and up to 256 instants without one.
 * `due[row]`: slot at whose open a decision is due; `asked[call]`: slot in which user code answers; instants are the slots `first` + 1 to `end` of the window.
 * Drawn from `random`, which nobody could know while the run was made.
 */
export function chooseCuts(options: {
  readonly due: Int32Array
  readonly asked: Int32Array
  readonly first: number
  readonly end: number
  readonly random: RandomStream
}): ProofCuts {
  const { due, asked, first, end, random } = options
  const [decisions, answers] = [countBySlot(due), countBySlot(asked)]
  const busy = new Set([...decisions.keys(), ...answers.keys()])
  const decided = sample(
    [...busy].sort((a, b) => a - b),
    MAX_PROPOSAL_CUTS,
    random,
  )
  const quiet: number[] = []
  const instants = end - first
  if (instants - busy.size <= QUIET_CUTS) {
    for (let slot = first + 1; slot <= end; slot++) if (!busy.has(slot)) quiet.push(slot)
  } else {
    const drawn = new Set<number>()
    while (drawn.size < QUIET_CUTS) {
      const slot = first + 1 + Math.floor(random() * instants)
      if (!busy.has(slot)) drawn.add(slot)
    }
    quiet.push(...drawn)
  }
  const sumOf = (of: ReadonlyMap<number, number>) => decided.reduce((sum, slot) => sum + (of.get(slot) ?? 0), 0)
  return {
    slots: [...decided, ...quiet].sort((a, b) => a - b),
    decisions: due.length,
    covered: sumOf(decisions),
    answers: asked.length,
    coveredAnswers: sumOf(answers),
  }
}

function countBySlot(slots: Int32Array): Map<number, number> {
  const counts = new Map<number, number>()
  for (const slot of slots) counts.set(slot, (counts.get(slot) ?? 0) + 1)
  return counts
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
