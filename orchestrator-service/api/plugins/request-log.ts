import { type Logger, pino } from 'pino'
import type { Config } from '../../config.ts'
import type { HttpServer } from '../context.ts'

/** JSON lines on stderr. Headers and bodies are never logged; the fields that could hold a secret are taken out all the same. */
export function createRequestLogger(level: Config['logLevel'], target: { write(line: string): void }): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['*.authorization', '*.headers', '*.body', '*.secret', '*.token', 'headers', 'body', 'secret', 'token'],
        remove: true,
      },
    },
    target,
  )
}

/** One line a request, when it is over. */
export function addRequestLog(server: HttpServer): void {
  server.decorateRequest('jobId', null)
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  server.addHook('onResponse', async (request, reply) => {
    const fields = {
      method: request.method,
      route: request.routeOptions.url ?? null,
      job: request.jobId,
      key: request.principal?.keyId ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    if (reply.statusCode >= 500) request.log.error(fields, 'request')
    else request.log.info(fields, 'request')
  })
  server.addHook('onRequestAbort', async (request) => {
    request.log.info({ route: request.routeOptions.url ?? null }, 'request was broken off')
  })
}
