import type { CellLog } from '../sandbox/event-lines.ts'

/** A line of a job's log: what the cell logged, raw text that it wrote, or a word of the host's own. */
export type LogEntry = Omit<CellLog, 'source'> & { readonly source: CellLog['source'] | 'system' }
