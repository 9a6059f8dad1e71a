import { checkLine, buildLine, GENESIS } from '../../audit/chain.ts'
import { describePool, type PoolStatus } from '../../admin/pool-status.ts'
import type { AuditRecord } from '../../audit/audit-event.ts'

/** A record as the real chain has it: made by the code that makes the real ones. */
export const AUDIT_EXAMPLE: AuditRecord = exampleRecord()

/** Of a service that has just begun to serve. */
export const POOL_EXAMPLE: PoolStatus = describePool({
  hits: 12,
  joins: 1,
  misses: 1,
  waitMs: { count: 14, sum: 420.7, buckets: [12, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0] },
  refillMs: { count: 13, sum: 5200, buckets: [0, 0, 0, 0, 0, 0, 0, 0, 12, 1, 0, 0, 0] },
  idle: 1,
  wanted: 1,
  bounds: { min: 1, max: 4 },
  shelves: [{ policy: 'default', image: 'hotcell-runner:0123456789abcdef', idle: 1, wanted: 1 }],
  started: 13,
  failed: 0,
  unready: 0,
  dropped: { dead: 0, aged: 0, surplus: 0, closed: 0 },
  paused: false,
})

function exampleRecord(): AuditRecord {
  const event = { type: 'chain_started', instance: '0123456789ab', jobs: 0 } as const
  const { line } = buildLine(GENESIS, '2024-07-02T08:00:00.000Z', event)
  const check = checkLine(Buffer.from(line.slice(0, -1)))
  if (!check.ok) throw new Error(`Invariant: the example of the audit log is wrong: ${check.problem}`)
  return check.record
}
