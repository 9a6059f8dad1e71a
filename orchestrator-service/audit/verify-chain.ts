import type { AuditAnchor } from './anchor.ts'
import { openForReading, readLines } from './audit-lines.ts'
import { type ChainHead, checkNext, GENESIS } from './chain.ts'

/** The first thing that is wrong in a log. */
export interface ChainProblem {
  /** Of the record that should stand there. */
  readonly sequence: number
  /** From 1. */
  readonly line: number
  /** Byte where that line begins. */
  readonly offset: number
  readonly problem: string
  /** The one byte whose change explains it; null: it takes more than one. */
  readonly byte: FlippedByte | null
}

export interface FlippedByte {
  readonly offset: number
  readonly found: number
  readonly expected: number
}

export interface ChainReport {
  readonly ok: boolean
  /** Records before the first problem, or all. */
  readonly records: number
  readonly bytes: number
  readonly head: ChainHead
  readonly problem: ChainProblem | null
  /** Sequence of the anchor that was found in the chain. */
  readonly anchored: number | null
}

/** Checks every byte of a log. Null: there is none. */
export async function verifyChain(path: string, anchor: AuditAnchor | null = null): Promise<ChainReport | null> {
  const file = await openForReading(path)
  if (file === null) return null
  try {
    let head: ChainHead = GENESIS
    let bytes = 0
    let anchored: number | null = null
    const end = (problem: ChainProblem | null): ChainReport => {
      return { ok: problem === null, records: head.sequence, bytes, head, problem, anchored }
    }
    const lines = readLines(file)
    for await (const line of lines) {
      const problemAt = (problem: string, byte: FlippedByte | null): ChainReport =>
        end({ sequence: head.sequence + 1, line: head.sequence + 1, offset: line.offset, problem, byte })
      const check = checkNext(head, line.bytes)
      if (!check.ok) {
        const after = await lines.next()
        const next = after.done === true ? null : after.value.bytes
        return problemAt(check.problem, findFlippedByte(head, { ...line, next }))
      }
      if (!line.whole) return problemAt('it has no newline: the end of the log was cut off', null)
      const { record } = check
      if (anchor?.sequence === record.sequence) {
        if (anchor.hash !== record.hash)
          return problemAt('the anchor names another hash for it: the chain was written again', null)
        anchored = record.sequence
      }
      head = { sequence: record.sequence, hash: record.hash }
      bytes = line.offset + line.bytes.length + 1
    }
    if (anchor === null || anchored !== null) return end(null)
    const missing = anchor.sequence - head.sequence
    const problem = `the log ends before the anchor: ${missing} records up to sequence ${anchor.sequence} are missing`
    return end({ sequence: head.sequence + 1, line: head.sequence + 1, offset: bytes, problem, byte: null })
  } finally {
    await file.close()
  }
}

/** A longer line is not searched: the time grows with its square. */
const SEARCHED_BYTES = 4096
const NEWLINE = 10

/** The single byte that makes the line what it was; there is one when nothing else was changed. */
export function findFlippedByte(
  head: ChainHead,
  { bytes, offset, next }: { readonly bytes: Uint8Array; readonly offset: number; readonly next: Uint8Array | null },
): FlippedByte | null {
  const newline = findLostNewline(head, bytes)
  if (newline !== null) return { offset: offset + newline, found: bytes[newline]!, expected: NEWLINE }
  const whole = tryBytes(head, bytes, { from: 0, to: bytes.length })
  if (whole !== null) return { offset: offset + whole.index, found: bytes[whole.index]!, expected: whole.expected }
  if (next === null) return null
  // A byte became a newline: what stands behind it belongs to this line
  const joined = Buffer.concat([bytes, Uint8Array.of(NEWLINE), next])
  const split = tryBytes(head, joined, { from: bytes.length, to: bytes.length + 1 })
  return split === null ? null : { offset: offset + split.index, found: NEWLINE, expected: split.expected }
}

/** Two lines in one: the newline between them became something else. */
function findLostNewline(head: ChainHead, bytes: Uint8Array): number | null {
  const close = '}'.charCodeAt(0)
  for (let at = bytes.indexOf(close) + 1; at > 0 && at < bytes.length; at = bytes.indexOf(close, at) + 1)
    if (checkNext(head, bytes.subarray(0, at)).ok) return at
  return null
}

function tryBytes(
  head: ChainHead,
  bytes: Uint8Array,
  { from, to }: { from: number; to: number },
): { index: number; expected: number } | null {
  if (bytes.length > SEARCHED_BYTES) return null
  const tried = Uint8Array.from(bytes)
  for (let index = from; index < to; index += 1) {
    const found = bytes[index]!
    for (let expected = 0; expected < 256; expected += 1) {
      tried[index] = expected
      if (expected !== found && checkNext(head, tried).ok) return { index, expected }
    }
    tried[index] = found
  }
  return null
}
