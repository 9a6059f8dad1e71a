import { createRequestLogger } from '../api/plugins/request-log.ts'
import type { Config } from '../config.ts'
import type { ServiceLog } from '../jobs/job-context.ts'

/** What a service says of itself, as lines between those of its requests. */
export function createServiceLog(level: Config['logLevel']): ServiceLog {
  const logger = createRequestLogger(level, process.stderr)
  return (level, text, fields) => logger[level](fields ?? {}, text)
}
