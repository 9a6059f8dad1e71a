import type { UserPortName } from '../backtest/answer-log.ts'
import type { UserCode } from '../backtest/user-port.ts'
import { canonicalJson } from '../protocol/canonical-json.ts'

/** One call of code of the user in phase 2. */
export interface Question {
  /** Instant, as a slot of the window and in ms UTC. */
  readonly slot: number
  readonly time: number
  readonly port: UserPortName
  /** Parameters and answer, canonical JSON. */
  readonly args: string
  readonly answer: string
}

/** Characters of all questions and answers of a run that are kept for its proof. */
const MAX_CHARACTERS = 32 * 1_048_576

/** User code whose calls are noted; `all()`: they, or null if they are too many to be kept. */
export function noteQuestions(user: UserCode): {
  readonly user: UserCode
  readonly all: () => readonly Question[] | null
} {
  let questions: Question[] | null = []
  let characters = 0
  let at = { slot: 0, time: 0 }
  return {
    all: () => questions,
    user: {
      at(slot, time) {
        at = { slot, time }
        user.at(slot, time)
      },
      ask(port, args, neutral) {
        const answer = user.ask(port, args, neutral)
        const texts = { args: canonicalJson(args), answer: canonicalJson(answer) }
        characters += texts.args.length + texts.answer.length
        if (characters > MAX_CHARACTERS) questions = null
        questions?.push({ ...at, port, ...texts })
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
