import { setTimeout as sleep } from 'node:timers/promises'
import { PlatformError } from '../../src/errors.ts'
import { RELEASE } from '../sandbox/adopt-cell.ts'
import type { JobContext } from './job-context.ts'

const AGAIN_MS = 1000
/** Of the operating system: no room, a quota or limit of a file, a disk that fails or became read-only. */
const DISK_CODES = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS']

/** Whether nothing could be written: to a file, the store or the audit log. What was to be written is still true later. */
export function isDiskError(error: unknown): boolean {
  if (error instanceof PlatformError) return error.code === 'service_unavailable'
  return DISK_CODES.includes(String((error as { code?: unknown } | null)?.code))
}

/**
 * Stores what has happened, as often as it takes: a result that was computed is not thrown away because the disk is full for a
 * while. Meanwhile the job keeps its slot. Given up only when this process ends.
 * @throws what `step` throws, unless it is the disk
 */
export async function untilStored<T>(
  { log }: Pick<JobContext, 'log'>,
  of: { readonly id: string; readonly signal: AbortSignal },
  step: () => Promise<T>,
): Promise<T> {
  for (let round = 0; ; round += 1) {
    try {
      return await step()
    } catch (error) {
      if (!isDiskError(error) || of.signal.reason === RELEASE) throw error
      if (round === 0) log('error', `Cannot store what became of a job, trying again: ${String(error)}`, { job: of.id })
      await sleep(AGAIN_MS, undefined, { ref: false })
    }
  }
}
