/*
 * Theory of operation. A checkpoint (P4) is the decision rows of one finished work unit as bytes: u32 length of a descriptor
 * (little-endian), the descriptor (JSON), then the raw columns one after another. The descriptor holds everything of the
 * wire form of a decision log that is not one of the columns named in it, so that a log comes back as it was packed. The
 * host keeps these bytes without looking into them; whoever goes on with the run, and the verification, read them strictly.
 */
import { PlatformError } from '../errors.ts'
import { fromBase64, toBase64 } from '../math/base64.ts'
import { encodeDecisionLog } from './decision-codec.ts'
import type { DecisionLog } from './decision-log.ts'

const VERSION = 1
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const HEAD_COLUMNS = ['unit', 'bar', 'symbol', 'sequence', 'signal'] as const
/** The wire form of a log, after its columns were put back; not checked in any other way. */
export type UncheckedLog = Readonly<Record<string, unknown>>

export interface UnitCheckpoint {
  /** Place of the unit in the plan of the run, and its symbols. */
  readonly unit: number
  readonly symbols: readonly string[]
}

interface Descriptor extends UnitCheckpoint {
  readonly v: number
  /** Name and bytes of each column, in the order in which they follow. */
  readonly columns: readonly (readonly [string, number])[]
  /** The rest of the log's wire form. */
  readonly rest: Readonly<Record<string, unknown>>
}

/** The bytes of a finished unit. */
export function encodeUnitCheckpoint({ unit, symbols }: UnitCheckpoint, decisions: DecisionLog): Uint8Array {
  const { fields, ...document } = encodeDecisionLog(decisions)
  const rest: Record<string, unknown> = { ...document }
  const columns: [string, Uint8Array][] = []
  for (const name of HEAD_COLUMNS) {
    columns.push([name, bytesOf(document[name])])
    delete rest[name]
  }
  for (const { name, bytes } of fields) columns.push([name, bytesOf(bytes)])
  const descriptor: Descriptor = {
    v: VERSION,
    unit,
    symbols,
    columns: columns.map(([name, bytes]) => [name, bytes.length]),
    rest,
  }
  const head = encoder.encode(JSON.stringify(descriptor))
  const block = new Uint8Array(4 + head.length + columns.reduce((sum, [, bytes]) => sum + bytes.length, 0))
  new DataView(block.buffer).setUint32(0, head.length, true)
  block.set(head, 4)
  let at = 4 + head.length
  for (const [, bytes] of columns) {
    block.set(bytes, at)
    at += bytes.length
  }
  return block
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64(text)
  if (bytes === null) throw new PlatformError('invariant', 'Cannot encode a checkpoint: a column is not base64')
  return bytes
}

function malformed(state: string): PlatformError {
  return new PlatformError('protocol', `Cannot read checkpoint: ${state}`)
}

/**
 * The unit of a checkpoint and the wire form of its decision log, which is still to be checked and decoded
 * (`decodeDecisionLog`). @throws `protocol` for bytes that are not a checkpoint
 */
export function readUnitCheckpoint(block: Uint8Array): UnitCheckpoint & { readonly document: UncheckedLog } {
  const { unit, symbols, columns, rest, at: from } = readDescriptor(block)
  const document: Record<string, unknown> = { ...rest }
  const fields: { name: string; bytes: string }[] = []
  let at = from
  for (const [index, [name, length]] of columns.entries()) {
    if (at + length > block.length) throw malformed('its columns are cut off')
    const bytes = toBase64(block.subarray(at, at + length))
    at += length
    if (index < HEAD_COLUMNS.length) document[HEAD_COLUMNS[index]!] = bytes
    else fields.push({ name, bytes })
  }
  if (at !== block.length) throw malformed(`${block.length - at} bytes follow its columns`)
  return { unit, symbols, document: { ...document, fields } }
}

function readDescriptor(block: Uint8Array): Descriptor & { readonly at: number } {
  if (block.length < 4) throw malformed('it has no descriptor')
  const at = 4 + new DataView(block.buffer, block.byteOffset).getUint32(0, true)
  if (at > block.length) throw malformed('its descriptor is cut off')
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(block.subarray(4, at)))
  } catch {
    throw malformed('its descriptor is not JSON')
  }
  const { v, unit, symbols, columns, rest } = (value ?? {}) as Record<string, unknown>
  if (v !== VERSION) throw malformed('it has another version')
  if (!Number.isSafeInteger(unit) || (unit as number) < 0) throw malformed('its unit is not a whole number')
  if (!Array.isArray(symbols) || !symbols.every((symbol) => typeof symbol === 'string'))
    throw malformed('its symbols are not names')
  if (typeof rest !== 'object' || rest === null || Array.isArray(rest)) throw malformed('its rest is not an object')
  if (!Array.isArray(columns) || !columns.every(isColumn)) throw malformed('its columns are not names and lengths')
  if (!HEAD_COLUMNS.every((name, index) => columns[index]?.[0] === name)) throw malformed('a column is missing')
  return { v, unit: unit as number, symbols, columns, rest: rest as Descriptor['rest'], at }
}

function isColumn(value: unknown): value is readonly [string, number] {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [name, length] = value as unknown[]
  return typeof name === 'string' && Number.isSafeInteger(length) && (length as number) >= 0
}
