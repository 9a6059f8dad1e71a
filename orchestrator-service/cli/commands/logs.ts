import { PlatformError } from '../../../src/errors.ts'
import { LOG_LEVELS } from '../../../src/protocol/events.ts'
import type { LogEntry } from '../../logs/job-log.ts'
import { openService } from '../client/open-service.ts'
import type { ServiceClient } from '../client/service-client.ts'
import type { CommandContext } from '../context.ts'
import { formatStampedEntry } from '../format-entry.ts'

export interface LogsFlags {
  follow?: boolean
  level?: string
  source?: string
}

const SOURCES = ['strategy', 'raw', 'system'] as const

/** What a run logged. `-f` goes on to its end; with --json it is one document all the same, printed at the end. */
export async function logs(context: CommandContext, id: string, flags: LogsFlags): Promise<number> {
  const { io } = context
  const wanted = filterOf(flags)
  await using service = await openService(context, 'read')
  const entries: LogEntry[] = []
  const source = flags.follow === true ? followed(service.client, id) : service.client.logs(id)
  for await (const entry of source) {
    if (!wanted(entry)) continue
    if (io.json) entries.push(entry)
    else io.out(formatStampedEntry(entry))
  }
  if (io.json) io.out(JSON.stringify({ run: id, logs: entries }))
  return 0
}

async function* followed(client: ServiceClient, id: string): AsyncGenerator<LogEntry> {
  for await (const message of client.follow(id, new AbortController().signal))
    if (message.type === 'log') yield message.entry
}

/** One filter for both ways to read, so that both show the same. */
function filterOf({ level, source }: LogsFlags): (entry: LogEntry) => boolean {
  const rank = level === undefined ? 0 : (LOG_LEVELS as readonly string[]).indexOf(level)
  if (rank < 0) throw unknown('--level', level, LOG_LEVELS)
  if (source !== undefined && !(SOURCES as readonly string[]).includes(source))
    throw unknown('--source', source, SOURCES)
  return (entry) => LOG_LEVELS.indexOf(entry.level) >= rank && (source === undefined || entry.source === source)
}

function unknown(option: string, value: string | undefined, expected: readonly string[]): PlatformError {
  return new PlatformError('usage', `Cannot read ${option} "${value}": expected one of ${expected.join(', ')}`)
}
