import { decisionRow } from '../backtest/decision-codec.ts'
import type { DecisionLog } from '../backtest/decision-log.ts'
import type { CreateHasher } from '../math/hasher.ts'
import { utf8Bytes } from '../math/utf8.ts'
import { canonicalJson } from '../protocol/canonical-json.ts'

/** Rows of a link whose digests are told one by one, so that a difference can be named. */
export const MAX_DIGESTS = 64
const DIGEST_LENGTH = 16

/** What stands at a cut of a look-ahead proof: both sides must have the same. A row is a decision, or an answer of user code. */
export interface ChainLink {
  /** sha256 over the hash of the link before and the rows since, hex; the first one is over no hash. */
  readonly sha256: string
  /** Rows since the link before. */
  readonly rows: number
  /** First 16 digits of the sha256 of the first 64 of them. */
  readonly digests: readonly string[]
}

/**
 * A hash over decision rows that grows with them. A row is its canonical JSON, so that the hash does not depend on how
 * columns and tables of strings were packed.
 */
export interface DecisionChain {
  add(log: DecisionLog, row: number): void
  /** What a port answered, canonical JSON. */
  addAnswer(text: string): void
  cut(): ChainLink
}

export function createDecisionChain(createHasher: CreateHasher): DecisionChain {
  let hasher = createHasher()
  let rows = 0
  let digests: string[] = []
  const digestOf = (bytes: Uint8Array): string => {
    const own = createHasher()
    own.update(bytes)
    return own.digestHex().slice(0, DIGEST_LENGTH)
  }
  const addText = (text: string): void => {
    const bytes = utf8Bytes(`${text}\n`)
    hasher.update(bytes)
    rows += 1
    if (rows <= MAX_DIGESTS) digests.push(digestOf(bytes))
  }
  return {
    add: (log, row) => addText(canonicalJson(decisionRow(log, row))),
    addAnswer: (text) => addText(`answer ${text}`),
    cut() {
      const link = { sha256: hasher.digestHex(), rows, digests }
      hasher = createHasher()
      hasher.update(utf8Bytes(`${link.sha256}\n`))
      rows = 0
      digests = []
      return link
    },
  }
}

/** Place of the first row of a link that differs; null: the links are equal. Beyond the digests it is the first one without. */
export function findChainDifference(expected: ChainLink, seen: ChainLink): number | null {
  if (expected.sha256 === seen.sha256) return null
  const told = Math.min(expected.digests.length, seen.digests.length)
  for (let row = 0; row < told; row++) if (expected.digests[row] !== seen.digests[row]) return row
  return told
}

/** Rows ordered by the slot at which they are due, then unit, then sequence: the order in which a chain takes them. */
export function chainOrder(log: DecisionLog, due: Int32Array): Uint32Array {
  const order = Uint32Array.from({ length: log.rows }, (_, row) => row)
  return order.sort(
    (a, b) => due[a]! - due[b]! || log.unit[a]! - log.unit[b]! || log.sequence[a]! - log.sequence[b]! || a - b,
  )
}
