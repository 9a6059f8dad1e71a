import type { LogEntry } from '../logs/job-log.ts'
import { visible } from './visible.ts'

/** `info  BTCUSDT: text key=value`: words of strangers, with their control characters made visible. */
export function formatEntry({ level, unit, text, fields }: LogEntry): string {
  const who = unit === null ? '' : `${visible(unit)}: `
  const pairs = Object.entries(fields ?? {}).map(([name, value]) => ` ${visible(name)}=${visible(String(value))}`)
  return `${visible(level).padEnd(5)} ${who}${visible(text)}${pairs.join('')}`
}

/** With the time at which it was written and who wrote it. */
export function formatStampedEntry(entry: LogEntry): string {
  return `${new Date(entry.at).toISOString()} ${visible(entry.source).padEnd(8)} ${formatEntry(entry)}`
}
