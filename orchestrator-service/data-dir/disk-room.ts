import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const TRIAL_BYTES = 64 * 1024

/** Whether a small file can be written into the directory now. Never rejects. */
export async function isDiskWritable(directory: string): Promise<boolean> {
  const trial = join(directory, `.trial-${randomUUID()}`)
  try {
    await writeFile(trial, new Uint8Array(TRIAL_BYTES), { flag: 'wx', mode: 0o600 })
    return true
  } catch {
    return false
  } finally {
    await rm(trial, { force: true }).catch(() => {})
  }
}
