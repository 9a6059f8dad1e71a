import { randomBytes } from 'node:crypto'
import type { DecisionLog } from '../../../src/backtest/decision-log.ts'
import { namesFunctions } from '../../../src/backtest/port-bindings.ts'
import { dueSlotsOf } from '../../../src/backtest/decision-slots.ts'
import type { Questions } from '../../../src/protocol/frames.ts'
import { createRandomStream } from '../../../src/math/random.ts'
import { chainOrder, type ChainLink, createDecisionChain } from '../../../src/verification/decision-chain.ts'
import { chooseCuts } from '../../../src/verification/proof-cuts.ts'
import { batchQuestions, ON_BAR, type Question } from '../../../src/verification/questions.ts'
import { createSha256 } from '../../sha256.ts'
import type { VerifyTask } from './verify-task.ts'

/** What a look-ahead proof of a verified run asks, and the answers that it must get. */
export interface ProofPlan {
  /** Nobody could know it before the run had ended; the certificate names it. */
  readonly seed: string
  /** Ascending slots of the window, and the link of the decision chain at each. */
  readonly slots: readonly number[]
  readonly links: readonly ChainLink[]
  /** What user code is asked at each cut after the decisions there, and the link behind its answers. */
  readonly asks: readonly (readonly AskedBatch[])[]
  /** Decisions of the run, and how many of them were made at a cut; the same of answers of user code. */
  readonly decisions: number
  readonly covered: number
  readonly answers: number
  readonly coveredAnswers: number
}

export interface AskedBatch {
  readonly questions: Questions
  readonly link: ChainLink
  /** Of each question: the decisions that onBar made in it; null: it is one to a port. */
  readonly made: readonly (number | null)[]
}

/** Batches of a single question: each is answered with an event, and events have a cap. */
const MAX_SINGLE = 8192

/** Chooses the cuts of a proof out of randomness of the host's own, now that the run cannot be changed any more. */
export function planProof(
  decisions: DecisionLog,
  questions: readonly Question[],
  task: Pick<VerifyTask, 'series' | 'window' | 'isPortfolio'>,
): ProofPlan {
  const seed = randomBytes(32).toString('hex')
  const random = createRandomStream({ seed, label: 'proof/v1', createHasher: createSha256 })
  const due = dueSlotsOf(decisions, task)
  const end = task.window.endSlot - task.window.firstSlot
  const ofPorts = questions.filter(({ port }) => port !== ON_BAR)
  const asked = Int32Array.from(ofPorts, ({ slot }) => slot)
  const { slots, ...counts } = chooseCuts({ due, asked, first: 0, end, random })
  const chain = createDecisionChain(createSha256)
  const order = chainOrder(decisions, due)
  // What onBar did it answers to questions
  let next = task.isPortfolio === true ? order.length : 0
  let answered = 0
  const hasLegs = namesFunctions(decisions)
  let room = MAX_SINGLE
  const links: ChainLink[] = []
  const asks = slots.map((cut) => {
    while (next < order.length && due[order[next]!]! <= cut) chain.add(decisions, order[next++]!)
    links.push(chain.cut())
    const from = answered
    while (answered < questions.length && questions[answered]!.slot <= cut) answered += 1
    const batches = batchQuestions(questions.slice(from, answered), { cut, room })
    room = Math.max(0, room - batches.length)
    return batches.map((batch): AskedBatch => {
      for (const { answer } of batch) chain.addAnswer(answer)
      const rows = batch.map(({ slot, time, port, args }) => [slot, time, port, args] as const)
      const made = batch.map(({ port, decisions }) => (port === ON_BAR ? decisions : null))
      return { questions: { hasLegs, rows }, link: chain.cut(), made }
    })
  })
  return { seed, slots, links, asks, ...counts }
}
