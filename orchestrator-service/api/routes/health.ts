import { PlatformError } from '../../../src/errors.ts'
import type { ApiServer } from '../context.ts'
import { answers, NO_QUERY, openProblems } from '../schemas/responses.ts'

/** For whoever watches the service: it lives; it takes work. */
export function addHealthRoutes({ app, server }: ApiServer): void {
  server.get(
    '/health/live',
    {
      config: { access: 'open' },
      schema: {
        operationId: 'getLiveness',
        summary: 'Whether the process answers',
        tags: ['health'],
        security: [],
        querystring: NO_QUERY,
        response: { 200: answers('Health', 'It does'), ...openProblems() },
      },
    },
    async (_request, reply) => await reply.send({ status: 'live' }),
  )
  server.get(
    '/health/ready',
    {
      config: { access: 'open' },
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether the service takes jobs',
        tags: ['health'],
        security: [],
        querystring: NO_QUERY,
        response: { 200: answers('Health', 'It does'), ...openProblems() },
      },
    },
    async (_request, reply) => {
      if (app.state === 'ready') return await reply.send({ status: 'ready' })
      throw new PlatformError('service_unavailable', `Cannot take jobs: the service is ${app.state}, expected ready`)
    },
  )
}
