import type { LogEntry } from './job-log.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]

export interface LogFilter {
  /** This level and those above it. */
  readonly level: Level | null
  readonly source: LogEntry['source'] | null
}

export function passes(entry: LogEntry, { level, source }: LogFilter): boolean {
  if (source !== null && entry.source !== source) return false
  return level === null || LEVELS.indexOf(entry.level) >= LEVELS.indexOf(level)
}
