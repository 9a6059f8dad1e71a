import { randomBytes } from 'node:crypto'
import type { DecisionLog } from '../../../src/backtest/decision-log.ts'
import { dueSlotsOf } from '../../../src/backtest/decision-slots.ts'
import { createRandomStream } from '../../../src/math/random.ts'
import { chainOrder, type ChainLink, createDecisionChain } from '../../../src/verification/decision-chain.ts'
import { chooseCuts } from '../../../src/verification/proof-cuts.ts'
import { createSha256 } from '../../sha256.ts'
import type { VerifyTask } from './verify-protocol.ts'

/** What a look-ahead proof of a verified run asks, and the answers that it must get. */
export interface ProofPlan {
  /** Nobody could know it before the run had ended; the certificate names it. */
  readonly seed: string
  /** Ascending slots of the window, and the link of the decision chain at each. */
  readonly slots: readonly number[]
  readonly links: readonly ChainLink[]
  /** Decisions of the run, and how many of them were made at a cut. */
  readonly decisions: number
  readonly covered: number
}

/** Chooses the cuts of a proof out of randomness of the host's own, now that the run cannot be changed any more. */
export function planProof(decisions: DecisionLog, task: Pick<VerifyTask, 'series' | 'window'>): ProofPlan {
  const seed = randomBytes(32).toString('hex')
  const random = createRandomStream({ seed, label: 'proof/v1', createHasher: createSha256 })
  const due = dueSlotsOf(decisions, task)
  const end = task.window.endSlot - task.window.firstSlot
  const { slots, covered } = chooseCuts({ due, first: 0, end, random })
  const chain = createDecisionChain(createSha256)
  const order = chainOrder(decisions, due)
  let next = 0
  const links = slots.map((slot) => {
    while (next < order.length && due[order[next]!]! <= slot) chain.add(decisions, order[next++]!)
    return chain.cut()
  })
  return { seed, slots, links, decisions: decisions.rows, covered }
}
