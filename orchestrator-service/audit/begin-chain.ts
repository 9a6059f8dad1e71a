import { readFileSync } from 'node:fs'
import type { JobStore } from '../store/ports.ts'
import type { AuditLogOptions } from './audit-log.ts'

export const PRODUCT_VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** The first word of a new chain: a log that was taken away is followed by one that begins with jobs. */
export function beginChain(instance: string, jobs: Pick<JobStore, 'countByState'>): AuditLogOptions['begin'] {
  return async () => {
    const counts = Object.values(await jobs.countByState())
    return { type: 'chain_started', instance, jobs: counts.reduce((sum, count) => sum + count, 0) }
  }
}
