import type { AuditRecord } from '../../orchestrator-service/audit/audit-event.ts'
import { auditFile } from '../../orchestrator-service/audit/audit-lines.ts'
import { readRecords, type RecordFilter } from '../../orchestrator-service/audit/read-chain.ts'

export async function readAudit(dataDir: string, filter?: RecordFilter): Promise<AuditRecord[]> {
  const records: AuditRecord[] = []
  for await (const { record } of readRecords(auditFile(dataDir), filter)) records.push(record)
  return records
}

export async function readAuditEvents(dataDir: string, filter?: RecordFilter): Promise<AuditRecord['event'][]> {
  return (await readAudit(dataDir, filter)).map(({ event }) => event)
}
