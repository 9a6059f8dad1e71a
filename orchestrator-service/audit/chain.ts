import { createHash } from 'node:crypto'
import { canonicalJson } from '../../src/protocol/canonical-json.ts'
import type { AuditEvent, AuditRecord } from './audit-event.ts'

/**
 * Theory of operation. A line is the canonical JSON of its record, byte for byte: what says the same in other bytes is a
 * change. The hash of a record covers its sequence, time, event and the hash of the line before, so that no line can be
 * changed, moved, added or taken out of the middle without a line that does not fit. Whoever can write the file can
 * write a whole new chain: only an anchor that is kept elsewhere shows that, and a tail that was cut off.
 */
export interface ChainHead {
  /** 0: nothing was said yet. */
  readonly sequence: number
  readonly hash: string
}

export const GENESIS: ChainHead = { sequence: 0, hash: '0'.repeat(64) }
/** A longer line was not written by this program. */
export const MAX_LINE_BYTES = 1024 * 1024

const FIELDS = ['at', 'event', 'hash', 'previous', 'sequence']

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** The line after `head`, with its newline. */
export function buildLine(head: ChainHead, at: string, event: AuditEvent): { line: string; head: ChainHead } {
  const record = { sequence: head.sequence + 1, at, previous: head.hash, event }
  const hash = sha256(canonicalJson(record))
  return { line: `${canonicalJson({ ...record, hash })}\n`, head: { sequence: record.sequence, hash } }
}

export type LineCheck =
  | { readonly ok: true; readonly record: AuditRecord }
  | { readonly ok: false; readonly problem: string }

const wrong = (problem: string): LineCheck => ({ ok: false, problem })

/** Whether a line (without its newline) is one that this program wrote, whatever stands before it. */
export function checkLine(bytes: Uint8Array): LineCheck {
  const record = parseRecord(bytes)
  if (record === null) return wrong('it is not a record of the audit log')
  const { hash, ...hashed } = record
  const canonical = canonicalOrNull(record)
  if (canonical === null || !Buffer.from(canonical).equals(bytes)) return wrong('its bytes are not the canonical form')
  if (sha256(canonicalJson(hashed)) !== hash) return wrong('its hash is not that of its content')
  return { ok: true, record }
}

/** Null: it has none, as a number that became infinite, or is nested too deep. */
function canonicalOrNull(record: AuditRecord): string | null {
  try {
    return canonicalJson(record)
  } catch {
    return null
  }
}

/** Whether a line follows `head`. */
export function checkNext(head: ChainHead, bytes: Uint8Array): LineCheck {
  const check = checkLine(bytes)
  if (!check.ok) return check
  const { sequence, previous } = check.record
  if (sequence !== head.sequence + 1) return wrong(`its sequence is ${sequence}, expected ${head.sequence + 1}`)
  return previous === head.hash ? check : wrong('it does not follow the line before: the hash that it names is another')
}

/** The record of a line without any proof; null: there is none. */
export function parseRecord(bytes: Uint8Array): AuditRecord | null {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { sequence, at, previous, event, hash } = value as Record<string, unknown>
  const complete =
    Object.keys(value).length === FIELDS.length &&
    Number.isSafeInteger(sequence) &&
    typeof at === 'string' &&
    typeof previous === 'string' &&
    typeof hash === 'string' &&
    typeof event === 'object' &&
    event !== null &&
    typeof (event as { type?: unknown }).type === 'string'
  return complete ? (value as AuditRecord) : null
}
