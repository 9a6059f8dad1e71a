import { readFile } from 'node:fs/promises'
import { PlatformError } from '../../src/errors.ts'
import type { RunStore } from './run-store.ts'

/** The report that was written when the run ended. @throws unknown_run: no such run, or one that has no figures */
export async function readReport(runs: RunStore, id: string): Promise<string> {
  const result = await runs.load(id)
  try {
    return await readFile(runs.pathOf(id, 'report.html'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new PlatformError(
      'unknown_run',
      `Cannot show the report of "${id}": the run ended with ${result.outcome.kind} and has none`,
      {
        hint: `\`hotcell show ${id}\` says why it ended`,
      },
    )
  }
}
