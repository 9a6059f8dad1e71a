import { describe, expect, it } from 'vitest'
import { firstDifference } from '../../support/first-difference.ts'
import { randomPerpRun } from '../../support/random-perp-runs.ts'
import { randomRun, type RandomRun } from '../../support/random-runs.ts'
import { referenceRun } from '../../support/reference-engine.ts'

/** Runs of a sample that both engines must agree on; the long suites take thousands of them. */
const RUNS = 40

/** Whether a leg is of the other side than the one before it. */
function scalesOut({ input: { decisions } }: RandomRun): boolean {
  return decisions.some(({ leg, signal }, i) => (leg ?? 1) > 1 && decisions[i - 1]!.signal !== signal)
}

describe('legs that close what the others enter', () => {
  it.for([
    ['spot', randomRun],
    ['perpetual', randomPerpRun],
  ] as const)('are played the same by both engines: %s', ([, make]) => {
    const met = new Map<string, number>()
    const differences: string[] = []
    let runs = 0
    for (let seed = 1; runs < RUNS; seed++) {
      const run = make(seed)
      if (!scalesOut(run)) continue
      runs += 1
      const onBranch = (name: string): void => void met.set(name, (met.get(name) ?? 0) + 1)
      const difference = firstDifference(run, referenceRun({ ...run.input, onBranch }))
      if (difference !== null) differences.push(difference)
    }

    expect(differences.join('\n\n')).toBe('')
    const exits = [...met.keys()].filter((name) => name.startsWith('exit leg placed: '))
    expect(exits.toSorted()).toEqual(['limit', 'market', 'stop'].map((type) => `exit leg placed: ${type}`))
  })
})
