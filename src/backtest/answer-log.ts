/*
 * Theory of operation: what user code answered in phase 2 (V1), as columns per port. A row is a call whose answer was not the
 * neutral one of its port; a number stands in `number`, any other value as canonical JSON in `strings`. Decoding is strict:
 * what comes out has ascending calls, canonical texts in range and one form for each log, so that equal logs have equal bytes.
 */
import { PlatformError } from '../errors.ts'
import { fromBase64, toBase64 } from '../math/base64.ts'
import type { AnswerLogDocument } from '../protocol/answer-log.ts'

/** What phase 2 may ask user code (section 6 of the rules; `leg` and `exitResolver`: P2, F7). */
export const USER_PORTS = [
  'leg',
  'exitResolver',
  'fee',
  'slippage',
  'sizing',
  'capacity',
  'risk',
  'fill',
  'executor',
] as const
export type UserPortName = (typeof USER_PORTS)[number]

/** Calls of one port between two notes of the hash of their arguments. */
export const CALLS_PER_HASH = 4096

/** The answers of one port. */
export interface PortAnswers {
  readonly port: UserPortName
  /** Calls in all. */
  readonly calls: number
  /** Running sha256 of the arguments after every 4,096 calls and after the last one, hex. */
  readonly hashes: readonly string[]
  /** Call (from 0) of each row, ascending. */
  readonly call: Uint32Array
  /** Answer of each row if it is a number, else NaN. */
  readonly number: Float64Array
  /** Index into `strings` + 1 of each other answer; 0: a number. */
  readonly text: Uint32Array
}

/** Ports in the order of USER_PORTS; those that were never asked are absent. */
export interface AnswerLog {
  readonly ports: readonly PortAnswers[]
  /** Canonical JSON, each once. */
  readonly strings: readonly string[]
}

export const NO_ANSWERS: AnswerLog = { ports: [], strings: [] }

function bytesOf(column: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}

/** The wire form of a log. A column that no row uses is empty. */
export function encodeAnswerLog(log: AnswerLog): AnswerLogDocument {
  return {
    ports: log.ports.map(({ port, calls, hashes, call, number, text }) => ({
      port,
      calls,
      hashes: [...hashes],
      rows: call.length,
      call: toBase64(bytesOf(call)),
      number: number.some((value) => value === value) ? toBase64(bytesOf(number)) : '',
      text: text.some((index) => index > 0) ? toBase64(bytesOf(text)) : '',
    })),
    strings: [...log.strings],
  }
}

function malformed(what: string, state: string, expected: string): PlatformError {
  return new PlatformError('protocol', `Cannot read answers "${what}": ${state}, expected ${expected}`)
}

function decodeBytes(what: string, text: string, length: number): Uint8Array<ArrayBuffer> {
  const bytes = text.length === Math.ceil(length / 3) * 4 ? fromBase64(text) : null
  if (bytes === null || bytes.length !== length) throw malformed(what, `${text.length} characters`, `${length} bytes`)
  return bytes
}

function decodePort(document: AnswerLogDocument['ports'][number], strings: number): PortAnswers {
  const { port, calls, hashes, rows } = document
  if (rows > calls) throw malformed(`${port}/rows`, `${rows}`, `at most ${calls}`)
  const notes = Math.ceil(calls / CALLS_PER_HASH)
  if (calls === 0 || hashes.length !== notes) throw malformed(`${port}/hashes`, `${hashes.length}`, `${notes}`)
  const call = new Uint32Array(decodeBytes(`${port}/call`, document.call, 4 * rows).buffer)
  const number =
    document.number === ''
      ? new Float64Array(rows).fill(Number.NaN)
      : new Float64Array(decodeBytes(`${port}/number`, document.number, 8 * rows).buffer)
  const text =
    document.text === ''
      ? new Uint32Array(rows)
      : new Uint32Array(decodeBytes(`${port}/text`, document.text, 4 * rows).buffer)
  for (let row = 0; row < rows; row++) {
    if (call[row]! >= calls || (row > 0 && call[row]! <= call[row - 1]!)) {
      throw malformed(`${port}/call/${row}`, `${call[row]}`, `ascending, below ${calls}`)
    }
    const value = number[row]!
    if (text[row]! > strings) throw malformed(`${port}/text/${row}`, `${text[row]}`, `at most ${strings}`)
    if ((value === value) === text[row]! > 0) throw malformed(`${port}/${row}`, 'no answer or two', 'one')
    if (value === value && value - value !== 0) throw malformed(`${port}/number/${row}`, `${value}`, 'a finite number')
    // There are many NaNs, and the log has one form
    if (value !== value) number[row] = Number.NaN
  }
  return { port: port as UserPortName, calls, hashes, call, number, text }
}

/** Strict reading of a log's wire form. @throws `protocol` with the place and what was expected there. */
export function decodeAnswerLog(document: AnswerLogDocument): AnswerLog {
  const { strings } = document
  let last = -1
  const ports = document.ports.map((one) => {
    const place = (USER_PORTS as readonly string[]).indexOf(one.port)
    if (place <= last) throw malformed(one.port.slice(0, 32), 'unknown, twice or out of order', USER_PORTS.join(', '))
    last = place
    return decodePort(one, strings.length)
  })
  return { ports, strings }
}
