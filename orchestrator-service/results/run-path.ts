import { join } from 'node:path'
import { PlatformError } from '../../src/errors.ts'

const RUN_ID = /^[a-z0-9][a-z0-9-]{2,63}$/

export type RunFile =
  | 'result.json'
  | 'log.ndjson'
  | 'checkpoints'
  | 'report.html'
  | 'equity.arrow'
  | 'fills.arrow'
  | 'trades.arrow'
  | 'orders.arrow'
  | 'refusals.arrow'

export function isRunId(id: string): boolean {
  return RUN_ID.test(id)
}

function runsDirectory(dataDir: string): string {
  return join(dataDir, 'runs')
}

/** Directory of a run. @throws PlatformError unknown_run for an id that cannot be one */
export function runDirectory(dataDir: string, id: string): string {
  if (isRunId(id)) return join(runsDirectory(dataDir), id)
  throw unknownRun(id, 'it is not a run id')
}

export function unknownRun(id: string, state: string): PlatformError {
  return new PlatformError(
    'unknown_run',
    `Cannot load run ${JSON.stringify(id)}: ${state}, expected the id of a finished run`,
  )
}
