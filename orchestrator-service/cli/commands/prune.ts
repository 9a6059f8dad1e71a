import { PlatformError } from '../../../src/errors.ts'
import { openService } from '../client/open-service.ts'
import type { CommandContext } from '../context.ts'

export interface PruneFlags {
  olderThan: string
  keep?: string
  images?: boolean
  dryRun?: boolean
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** Removes what is old, through the service that holds the data directory, or in this process. */
export async function prune(context: CommandContext, flags: PruneFlags): Promise<number> {
  const { io } = context
  const { images = false, dryRun = false } = flags
  const request = { olderThanMs: readDuration(flags.olderThan), keep: readKeep(flags.keep), images, dryRun }
  await using service = await openService(context, 'change')
  const report = await service.client.prune(request)
  if (io.json) {
    io.out(JSON.stringify(report))
    return 0
  }
  for (const name of [...report.jobs, ...report.images]) io.out(name)
  const words = `${report.jobs.length} runs that ended before ${report.finishedBefore}, ${report.images.length} images`
  io.err(dryRun ? `Would remove ${words}` : `Removed ${words}`)
  return 0
}

function readDuration(text: string): number {
  const match = /^(\d{1,6})([smhdw])$/.exec(text)
  if (match === null)
    throw new PlatformError(
      'usage',
      `Cannot read --older-than "${text}": expected a number with s, m, h, d or w, like 30d`,
    )
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]
}

function readKeep(text: string | undefined): number {
  if (text === undefined) return 0
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new PlatformError('usage', `Cannot read --keep "${text}": expected a whole number`)
}
