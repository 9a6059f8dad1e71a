import swagger from '@fastify/swagger'
import type { HttpServer } from '../context.ts'
import { SHARED_SHAPES } from '../schemas/shapes.ts'
import { NO_QUERY, openProblems } from '../schemas/responses.ts'

const DESCRIPTION = `Runs trading strategies in sealed containers and verifies every result.

Send a key as \`Authorization: Bearer hk_…\`. Every error is \`application/problem+json\` with a stable \`code\`. Any route
answers an unknown path with 404, another method with 405, headers over 16 KiB with 431, and a request that does not arrive
in time with 408, in the same form. Times of jobs are ISO 8601 in UTC, times of bars milliseconds since 1970 in UTC.`

const TAGS = [
  { name: 'backtests', description: 'Jobs: submit, follow, cancel, delete' },
  { name: 'results', description: 'What came out of a job' },
  { name: 'data', description: 'Candles and instruments that backtests run on' },
  { name: 'keys', description: 'Keys of the API' },
  { name: 'admin', description: 'The service as a whole: cells, logs, audit log, retention' },
  { name: 'health', description: 'For whoever watches the service' },
]

export async function addOpenApi(server: HttpServer): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hotcell',
        version: '1',
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      tags: TAGS,
      servers: [{ url: '/', description: 'This service' }],
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'hk_ and 43 characters' } },
      },
      security: [{ key: [] }],
    },
    convertConstToEnum: false,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => (json['$id'] as string | undefined) ?? `shape-${i}`,
    },
  })
  for (const shape of SHARED_SHAPES) server.addSchema(shape)
}

export function addOpenApiRoute(server: HttpServer): void {
  let document: object | null = null
  server.get(
    '/openapi.json',
    {
      config: { access: 'open' },
      schema: {
        operationId: 'getOpenApi',
        summary: 'This document',
        tags: ['health'],
        security: [],
        querystring: NO_QUERY,
        response: {
          200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
          ...openProblems(),
        },
      },
    },
    async (_request, reply) => {
      document ??= server.swagger()
      return await reply.send(document)
    },
  )
}
