import { createAuditLog } from '../../orchestrator-service/audit/audit-log.ts'

/**
 * A process that appends to an audit log: `node audit-child.ts DIR NAME COUNT [START]`, from START (ms) on. It prints the number of each event that is
 * durable; on a failure its code, and goes on with the same event every 100 ms.
 */
const [dataDir, name, count, start = '0'] = process.argv.slice(2) as [string, string, string, string?]
const audit = createAuditLog({
  dataDir,
  begin: async () => ({ type: 'chain_started', instance: '0123456789ab', jobs: 0 }),
  log: () => {},
})
await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(start) - Date.now())))
for (let i = 0; i < Number(count);) {
  try {
    audit.note({ type: 'key_revoked', key: `noted-${i}`, by: name })
    await audit.require({ type: 'key_revoked', key: String(i), by: name })
    process.stdout.write(`${i}\n`)
    i += 1
  } catch (error) {
    process.stdout.write(`${(error as { code: string }).code}\n`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
await audit[Symbol.asyncDispose]()
