import { checkLine, buildLine, GENESIS } from '../../audit/chain.ts'
import type { AuditRecord } from '../../audit/audit-event.ts'

/** A record as the real chain has it: made by the code that makes the real ones. */
export const AUDIT_EXAMPLE: AuditRecord = exampleRecord()

function exampleRecord(): AuditRecord {
  const event = { type: 'chain_started', instance: '0123456789ab', jobs: 0 } as const
  const { line } = buildLine(GENESIS, '2024-07-02T08:00:00.000Z', event)
  const check = checkLine(Buffer.from(line.slice(0, -1)))
  if (!check.ok) throw new Error(`Invariant: the example of the audit log is wrong: ${check.problem}`)
  return check.record
}
