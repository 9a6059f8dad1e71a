/*
 * Theory of operation: the one way from phase 2 to user code. The engine is trusted code on both sides; where the configuration
 * puts code of a user (a fee, a sizing, a function in a leg), it calls `ask` with plain arguments and gets a plain answer. In
 * the cell a realm made for phase 2 answers, and `recordUserCode` notes it; at the host `replayUserCode` answers from that log
 * by call order (V1, V2). Both hash the arguments, so a cell cannot have asked its code something else than the host does.
 *
 * A port is added in three places: its name in USER_PORTS (answer-log.ts), what is bound to it in `portBindings`, and the
 * method that a class answers with in PORT_METHODS (port-bindings.ts). Arguments are a list: the parameters of the function or method. The
 * caller checks what came back and says `fail('policy_out_of_bounds' | 'bad_answer', …)`: in the cell that ends the run as
 * strategy_error, at the host it is tampered(replay), since an honest cell would never have returned that answer. `neutral`
 * is the answer that needs no row in the log (fill: [], admit and check: true, slippage: the gross price).
 */
import type { CreateHasher, Hasher } from '../math/hasher.ts'
import { canonicalJson } from '../protocol/canonical-json.ts'
import { MAX_ANSWER_TEXTS } from '../protocol/answer-limits.ts'
import { CALLS_PER_HASH, NO_ANSWERS, USER_PORTS, type AnswerLog, type UserPortName } from './answer-log.ts'

/** What may cross: JSON without surprises. */
export type PlainData =
  | null
  | boolean
  | number
  | string
  | readonly PlainData[]
  | { readonly [name: string]: PlainData | undefined }

export interface UserCode {
  /** An instant begins: what is asked from now on is asked at `time` (ms UTC). */
  at(slot: number, time: number): void
  /**
   * Asks a port. `args`: the parameters, finite numbers only; `neutral`: the answer that is not logged.
   * @throws whatever ends the run: of the strategy in the cell, AnswerMismatch at the host
   */
  ask(port: UserPortName, args: readonly PlainData[], neutral?: PlainData): PlainData
  /** The log of all answers. @throws AnswerMismatch at the host, if not all of the log was asked for */
  finish(): AnswerLog
}

/** The log does not fit what was asked: tampered(replay). */
export class AnswerMismatch extends Error {}

/** Characters of arguments that are hashed at once: those of an account may be many. */
const HASHED_AT_ONCE = 65_536

/** Hash of the arguments of a port, noted every CALLS_PER_HASH calls. */
class ArgumentHash {
  readonly hashes: string[] = []
  calls = 0
  #lines = ''
  #hasher: Hasher | null = null
  readonly #createHasher: CreateHasher
  readonly #encoder = new TextEncoder()

  constructor(createHasher: CreateHasher) {
    this.#createHasher = createHasher
  }

  /** Canonical JSON has no line breaks, so lines cannot be confused. */
  add(text: string): void {
    if (this.calls % CALLS_PER_HASH === 0) this.#lines = `${this.hashes.at(-1) ?? ''}\n`
    this.calls += 1
    this.#lines += `${text}\n`
    if (this.calls % CALLS_PER_HASH === 0) this.note()
    else if (this.#lines.length > HASHED_AT_ONCE) this.#hash()
  }

  /** The end of the calls, or of as many of them as share a hash. */
  note(): void {
    if (this.hashes.length * CALLS_PER_HASH >= this.calls) return
    this.hashes.push(this.#hash().digestHex())
    this.#hasher = null
  }

  #hash(): Hasher {
    this.#hasher ??= this.#createHasher()
    this.#hasher.update(this.#encoder.encode(this.#lines))
    this.#lines = ''
    return this.#hasher
  }
}

class PortRecorder {
  readonly hash: ArgumentHash
  readonly call: number[] = []
  readonly number: number[] = []
  readonly text: number[] = []

  constructor(createHasher: CreateHasher) {
    this.hash = new ArgumentHash(createHasher)
  }
}

/** What answers in the cell: told port and arguments as canonical JSON. */
export type Answerer = (port: UserPortName, args: string) => PlainData

/** User code that answers, and the log of it. `onFull` ends the run when there are too many different texts. */
export function recordUserCode(options: {
  createHasher: CreateHasher
  answer: Answerer
  at: (slot: number, time: number) => void
  onFull: () => never
}): UserCode {
  const ports = new Map<UserPortName, PortRecorder>()
  const strings = new Map<string, number>()
  const internText = (text: string): number => {
    const known = strings.get(text)
    if (known !== undefined) return known
    if (strings.size === MAX_ANSWER_TEXTS) options.onFull()
    strings.set(text, strings.size + 1)
    return strings.size
  }
  return {
    at: options.at,
    ask(name, args, neutral) {
      let port = ports.get(name)
      if (port === undefined) {
        port = new PortRecorder(options.createHasher)
        ports.set(name, port)
      }
      const asked = canonicalJson(args)
      const call = port.hash.calls
      port.hash.add(asked)
      const answer = options.answer(name, asked)
      if (typeof answer === 'number') {
        if (answer === neutral) return answer
        port.call.push(call)
        port.number.push(answer + 0)
        port.text.push(0)
        return answer + 0
      }
      const text = canonicalJson(answer)
      if (neutral !== undefined && text === canonicalJson(neutral)) return answer
      port.call.push(call)
      port.number.push(Number.NaN)
      port.text.push(internText(text))
      return answer
    },
    finish() {
      const found = USER_PORTS.filter((name) => ports.has(name)).map((name) => {
        const { hash, call, number, text } = ports.get(name)!
        hash.note()
        return {
          port: name,
          calls: hash.calls,
          hashes: hash.hashes,
          call: Uint32Array.from(call),
          number: Float64Array.from(number),
          text: Uint32Array.from(text),
        }
      })
      return { ports: found, strings: [...strings.keys()] }
    },
  }
}

/** Answers of a log by call order (V2). @throws AnswerMismatch if a text of it is not canonical JSON */
export function replayUserCode(log: AnswerLog, createHasher: CreateHasher): UserCode {
  const ports = new Map(log.ports.map((one) => [one.port, { ...one, next: 0, hash: new ArgumentHash(createHasher) }]))
  const values = log.strings.map((text): PlainData => parseCanonical(text))
  if (new Set(log.strings).size < values.length) throw new AnswerMismatch('An answer stands twice among the texts')
  let texts = 0
  const checkHash = (name: string, seen: readonly string[], claimed: readonly string[]): void => {
    const at = seen.length - 1
    if (at >= 0 && seen[at] !== claimed[at]) {
      throw new AnswerMismatch(`The ${name} was asked with other arguments by call ${(at + 1) * CALLS_PER_HASH}`)
    }
  }
  return {
    at() {},
    ask(name, args, neutral) {
      const port = ports.get(name)
      if (port === undefined) throw new AnswerMismatch(`The ${name} is asked, but has no answers`)
      const call = port.hash.calls
      if (call === port.calls) throw new AnswerMismatch(`The ${name} is asked more than its ${port.calls} times`)
      port.hash.add(canonicalJson(args))
      if (port.hash.calls % CALLS_PER_HASH === 0) checkHash(name, port.hash.hashes, port.hashes)
      if (port.next === port.call.length || port.call[port.next] !== call) {
        if (neutral === undefined) throw new AnswerMismatch(`Call ${call} of the ${name} has no answer`)
        return neutral
      }
      const row = port.next
      port.next += 1
      const text = port.text[row]!
      if (text > texts + 1) throw new AnswerMismatch(`Call ${call} of the ${name} is not answered with the next text`)
      if (text > texts) texts = text
      const answer = text === 0 ? port.number[row]! : values[text - 1]!
      if (neutral !== undefined && canonicalJson(answer) === canonicalJson(neutral)) {
        throw new AnswerMismatch(`Call ${call} of the ${name} is answered with what needs no row`)
      }
      return answer
    },
    finish() {
      for (const [name, port] of ports) {
        port.hash.note()
        checkHash(name, port.hash.hashes, port.hashes)
        if (port.hash.calls !== port.calls) {
          throw new AnswerMismatch(
            `The ${name} has answers to ${port.calls} calls, but was asked ${port.hash.calls} times`,
          )
        }
      }
      if (texts < values.length) throw new AnswerMismatch(`Of ${values.length} texts only ${texts} are answers`)
      return log
    },
  }
}

/** A text of the log: any canonical JSON but a number, which has a column of its own. */
function parseCanonical(text: string): PlainData {
  try {
    const value = JSON.parse(text) as PlainData
    if (typeof value !== 'number' && canonicalJson(value) === text) return value
  } catch {
    // Not JSON, or nested deeper than the stack
  }
  throw new AnswerMismatch('An answer is not canonical JSON')
}

/** User code of a run that has none: asking it is a fault of ours. */
export const NO_USER_CODE: UserCode = {
  at() {},
  ask(port) {
    throw new Error(`Invariant: "${port}" was asked without user code`)
  },
  finish: () => NO_ANSWERS,
}
