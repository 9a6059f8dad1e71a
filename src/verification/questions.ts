import type { UserPortName } from '../backtest/answer-log.ts'
import { unpackDecisions } from '../backtest/decision-codec.ts'
import type { DecisionLog } from '../backtest/decision-log.ts'
import type { PortfolioCode } from '../backtest/portfolio-live.ts'
import type { UserCode } from '../backtest/user-port.ts'
import { canonicalJson } from '../protocol/canonical-json.ts'

/** One call of code of the user in phase 2. */
export interface Question {
  /** Instant, as a slot of the window and in ms UTC. */
  readonly slot: number
  readonly time: number
  readonly port: UserPortName | typeof ON_BAR
  /** Parameters and answer, canonical JSON; of onBar: equity, cash and account, null if it is the one of the call before. */
  readonly args: string
  readonly answer: string
  /** What onBar did: decisions of the run. */
  readonly decisions: number
}

/** In the place of a port: a call of a portfolio strategy. */
export const ON_BAR = 'onBar'

/** What onBar did in a call, so that it does not depend on how its columns were packed. */
export function answerOfBar(log: DecisionLog | null): string {
  return canonicalJson(log === null ? null : unpackDecisions(log))
}

/** Characters of all questions and answers of a run that are kept for its proof. */
const MAX_CHARACTERS = 32 * 1_048_576

/** User code whose calls are noted; `all()`: they, or null if they are too many to be kept. `portfolio`: the strategy, if it is one. */
export function noteQuestions(
  user: UserCode,
  portfolio: PortfolioCode | null = null,
): {
  readonly user: UserCode
  readonly portfolio: PortfolioCode | null
  readonly all: () => readonly Question[] | null
} {
  let questions: Question[] | null = []
  let characters = 0
  let at = { slot: 0, time: 0 }
  const note = (question: Question): void => {
    characters += question.args.length + question.answer.length
    if (characters > MAX_CHARACTERS) questions = null
    questions?.push(question)
  }
  return {
    all: () => questions,
    portfolio: portfolio && {
      onBar(instant) {
        const { slot, time, equity, cash, account } = instant
        const log = portfolio.onBar(instant)
        // The strategy may see in which order the members of the account stand
        const args = JSON.stringify([equity, cash, account])
        note({ slot, time, port: ON_BAR, args, answer: answerOfBar(log), decisions: log === null ? 0 : log.rows })
        return log
      },
    },
    user: {
      at(slot, time) {
        at = { slot, time }
        user.at(slot, time)
      },
      ask(port, args, neutral) {
        const answer = user.ask(port, args, neutral)
        note({ ...at, port, args: canonicalJson(args), answer: canonicalJson(answer), decisions: 0 })
        return answer
      },
      finish: () => user.finish(),
    },
  }
}

/** Most questions, and characters of them, of one batch. */
const BATCH_QUESTIONS = 1000
const BATCH_CHARACTERS = 1_048_576
/** Questions of an instant that are asked one by one. */
const SINGLE_PER_INSTANT = 32

/**
 * Questions of the instants up to `cut` in batches, in their order. Those of the instant itself are asked one by one, since
 * each knows more of it than the one before; the ones beyond the 32nd, or all of them if there is no `room`, together.
 */
export function batchQuestions(questions: readonly Question[], options: { cut: number; room: number }): Question[][] {
  const batches: Question[][] = []
  let single = 0
  let followsSingle = false
  let characters = Number.POSITIVE_INFINITY
  for (const question of questions) {
    const last = batches.at(-1)
    const isSingle = question.slot === options.cut && single < Math.min(options.room, SINGLE_PER_INSTANT)
    if (isSingle) single += 1
    characters += question.args.length
    if (
      isSingle ||
      followsSingle ||
      last === undefined ||
      last.length === BATCH_QUESTIONS ||
      characters > BATCH_CHARACTERS
    ) {
      batches.push([question])
      characters = question.args.length
    } else last.push(question)
    followsSingle = isSingle
  }
  return batches
}
