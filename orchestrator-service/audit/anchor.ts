import { readFile } from 'node:fs/promises'
import { type Static, Type } from 'typebox'
import { PlatformError } from '../../src/errors.ts'
import { matchShape } from '../../src/protocol/check.ts'
import { openForReading, lineStart } from './audit-lines.ts'
import { checkLine } from './chain.ts'

/** The head of a chain, to be kept where whoever can write the log cannot. */
export const AuditAnchor = Type.Object(
  {
    version: Type.Literal(1),
    sequence: Type.Integer({ minimum: 1 }),
    hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** When the record was written. */
    at: Type.String(),
  },
  { additionalProperties: false },
)
export type AuditAnchor = Static<typeof AuditAnchor>

const MAX_BYTES = 4096

/** @throws PlatformError usage */
export async function readAnchor(path: string): Promise<AuditAnchor> {
  const fail = (state: string): PlatformError =>
    new PlatformError(
      'usage',
      `Cannot read anchor "${path}": ${state}, expected the output of \`hotcell audit anchor\``,
    )
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw fail((error as Error).message)
  }
  if (bytes.length > MAX_BYTES) throw fail(`it has ${bytes.length} bytes`)
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw fail('it is not JSON')
  }
  const anchor = matchShape(AuditAnchor, value)
  if (anchor === null) throw fail('it has another form')
  return anchor
}

/** An anchor of the last whole line; null: there is none. @throws PlatformError audit_damaged */
export async function makeAnchor(path: string): Promise<AuditAnchor | null> {
  const file = await openForReading(path)
  if (file === null) return null
  try {
    const { size } = await file.stat()
    let end = size
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    if (size > 0 && last[0] !== 10) end = await lineStart(file, size)
    if (end === 0) return null
    const start = await lineStart(file, end)
    const bytes = Buffer.alloc(end - 1 - start)
    await file.read(bytes, 0, bytes.length, start)
    const check = checkLine(bytes)
    if (!check.ok)
      throw new PlatformError('audit_damaged', `Cannot anchor "${path}": of its last line, ${check.problem}`)
    const { sequence, hash, at } = check.record
    return { version: 1, sequence, hash, at }
  } finally {
    await file.close()
  }
}
