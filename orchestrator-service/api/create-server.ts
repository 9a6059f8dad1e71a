import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import type { ApiContext, ApiServer, HttpServer } from './context.ts'
import { createGate } from './follow/gate.ts'
import { addAuth } from './plugins/auth.ts'
import { addBodies, MAX_BODY_BYTES } from './plugins/bodies.ts'
import { addErrors, answerBrokenRequest, answerError } from './plugins/errors.ts'
import { collectMethods } from './plugins/methods.ts'
import { addOpenApi, addOpenApiRoute } from './plugins/openapi.ts'
import { addRequestLog, createRequestLogger } from './plugins/request-log.ts'
import { addSecurityHeaders } from './plugins/security-headers.ts'
import { addValidation } from './plugins/validation.ts'
import { addAdminRoutes } from './routes/admin.ts'
import { addAuditRoutes } from './routes/audit.ts'
import { addCompareRoute } from './routes/compare.ts'
import { addDataRoutes } from './routes/data.ts'
import { addFollowRoutes } from './routes/follow.ts'
import { addHealthRoutes } from './routes/health.ts'
import { addJobRoutes } from './routes/jobs.ts'
import { addKeyRoutes } from './routes/keys.ts'
import { addResultRoutes } from './routes/results.ts'
import { addSubmitRoutes } from './routes/submit.ts'

const MAX_FOLLOWERS = 100
const MAX_DOWNLOADS = 16
const MAX_WAITS = 1000
const MAX_HEADER_BYTES = 16 * 1024
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 60_000
const SILENT_SOCKET_MS = 120_000
const STALL_MS = 30_000
/** How often Node looks for requests that take too long. */
const CHECK_MS = 2000

export interface ServerOptions {
  /** Secret of this start, which acts as an administrator; null: there is none. */
  readonly token: string | null
  readonly logLevel: Config['logLevel']
  readonly logTarget?: { write(line: string): void }
  /** How long a client of a stream may take nothing. */
  readonly stallMs?: number
}

/** The HTTP server over a service, ready to listen. */
export async function createServer(app: ApiContext, options: ServerOptions): Promise<ApiServer> {
  const server = createHttpServer(options)
  const { stallMs = STALL_MS } = options
  const allowMethods = collectMethods(server)
  addRequestLog(server)
  addErrors(server)
  await addSecurityHeaders(server)
  addAuth(server, app, options.token)
  addBodies(server)
  addValidation(server)
  await addOpenApi(server)
  const api: ApiServer = {
    app,
    server,
    followers: createGate(MAX_FOLLOWERS, 'followers', stallMs),
    downloads: createGate(MAX_DOWNLOADS, 'downloads', stallMs),
    waits: createGate(MAX_WAITS, 'waiting requests', stallMs),
  }
  addSubmitRoutes(api)
  addJobRoutes(api)
  addResultRoutes(api)
  addCompareRoute(api)
  addFollowRoutes(api)
  addDataRoutes(api)
  addKeyRoutes(api)
  addAdminRoutes(api)
  addAuditRoutes(api)
  addHealthRoutes(api)
  addOpenApiRoute(server)
  allowMethods()
  await server.ready()
  return api
}

function createHttpServer({ logLevel, logTarget }: ServerOptions): HttpServer {
  const loggerInstance: FastifyBaseLogger = createRequestLogger(logLevel, logTarget ?? process.stderr)
  return fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    genReqId: () => randomUUID(),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: SILENT_SOCKET_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAlive: true,
    },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>()
}
