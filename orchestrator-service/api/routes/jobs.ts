import { type Static, Type } from 'typebox'
import { PlatformError } from '../../../src/errors.ts'
import { isFinal, JOB_STATES } from '../../../src/protocol/job.ts'
import { oneOf } from '../../../src/protocol/one-of.ts'
import type { JobQuery } from '../../store/ports.ts'
import type { ApiServer, Principal } from '../context.ts'
import { viewJob } from '../job-view.ts'
import { invalidRequest } from '../problem.ts'
import { answers, JobParams, keyProblems, LOCATION, NO_CONTENT, NO_QUERY } from '../schemas/responses.ts'
import { findJob, principalOf } from './find-job.ts'
import { instant, readInstant } from './instant.ts'

const strict = { additionalProperties: false } as const
const text = (description: string, maxLength: number, example: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description, examples: [example] }))

const ListQuery = Type.Object(
  {
    state: Type.Optional(
      Type.Array(oneOf(JOB_STATES), {
        minItems: 1,
        maxItems: JOB_STATES.length,
        description: 'One or several',
        examples: [['running']],
      }),
    ),
    strategy: text('Name of a built-in, or module#class', 400, 'SmaCrossover'),
    symbol: text('Jobs on this symbol', 32, 'BTCUSDT'),
    label: text('name:value', 129, 'desk:research'),
    from: instant('Submitted at or after'),
    to: instant('Submitted before'),
    owner: text('Jobs of this owner; other owners than one’s own are for administrators and auditors', 64, 'alice'),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, examples: [50] })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'As answered by the page before' })),
  },
  strict,
)
type ListFilters = Static<typeof ListQuery>

/** Jobs as they are: list, look, cancel, verify, delete. */
export function addJobRoutes(api: ApiServer): void {
  addList(api)
  addGet(api)
  addCancel(api)
  addVerify(api)
  addDelete(api)
}

function addList({ app, server }: ApiServer): void {
  server.get(
    '/v1/backtests',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listBacktests',
        summary: 'List jobs, newest first',
        tags: ['backtests'],
        querystring: ListQuery,
        response: { 200: answers('JobPage', 'A page'), ...keyProblems() },
      },
    },
    async (request, reply) => {
      const query = buildJobQuery(request.query, principalOf(request))
      const { jobs, damaged, cursor } = await app.stores.jobs.list(query).catch((error: unknown) => {
        const ofCursor = error instanceof PlatformError && error.code === 'invalid_request'
        throw ofCursor ? invalidRequest('/query/cursor', 'must be the cursor of the page before') : error
      })
      const views = []
      for (const job of jobs) views.push(await viewJob(app, job))
      return await reply.send({ jobs: views, damaged, cursor })
    },
  )
}

function buildJobQuery(query: ListFilters, principal: Principal): JobQuery {
  const { state, strategy, symbol, cursor } = query
  const from = readInstant(query.from, 'from')
  const to = readInstant(query.to, 'to')
  return {
    owner: ownerOf(query.owner, principal),
    limit: query.limit ?? 50,
    ...(state === undefined ? {} : { states: state }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(query.label === undefined ? {} : { label: readLabel(query.label) }),
    ...(from === null ? {} : { createdFrom: from }),
    ...(to === null ? {} : { createdTo: to }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

function ownerOf(asked: string | undefined, { owner, role }: Principal): string | null {
  if (role !== 'user') return asked ?? null
  if (asked === undefined || asked === owner) return owner
  throw new PlatformError('forbidden', `Cannot list jobs of "${asked}": the key belongs to "${owner}"`)
}

/** The name ends at the first colon. */
function readLabel(label: string): { name: string; value: string } {
  const at = label.indexOf(':')
  if (at < 1) throw invalidRequest('/query/label', 'must be name:value')
  return { name: label.slice(0, at), value: label.slice(at + 1) }
}

function addGet({ app, server }: ApiServer): void {
  server.get(
    '/v1/backtests/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getBacktest',
        summary: 'Look at a job',
        tags: ['backtests'],
        params: JobParams,
        querystring: NO_QUERY,
        response: { 200: answers('Job', 'The job as it is now'), ...keyProblems(404) },
      },
    },
    async (request, reply) => await reply.send(await viewJob(app, await findJob(app, request))),
  )
}

function addCancel({ app, server }: ApiServer): void {
  server.post(
    '/v1/backtests/:id/cancel',
    {
      config: { access: 'run' },
      schema: {
        operationId: 'cancelBacktest',
        summary: 'Cancel a job',
        description: 'A job that has ended stays as it is (200).',
        tags: ['backtests'],
        params: JobParams,
        querystring: NO_QUERY,
        response: {
          200: answers('Job', 'The job had ended already'),
          202: answers('Job', 'The job ends as cancelled'),
          ...keyProblems(404, 413),
        },
      },
    },
    async (request, reply) => {
      refuseBody(request.body)
      const before = await findJob(app, request)
      const after = await app.jobs.cancel(before.id, principalOf(request).keyId)
      return await reply.code(isFinal(before.state) ? 200 : 202).send(await viewJob(app, after))
    },
  )
}

function addVerify({ app, server }: ApiServer): void {
  server.post(
    '/v1/backtests/:id/verify',
    {
      config: { access: 'run' },
      schema: {
        operationId: 'verifyBacktest',
        summary: 'Execute a completed run again to compare its fingerprint',
        tags: ['backtests'],
        params: JobParams,
        querystring: NO_QUERY,
        response: { 202: answers('Job', 'The new job', LOCATION), ...keyProblems(404, 409, 413, 422, 429) },
      },
    },
    async (request, reply) => {
      refuseBody(request.body)
      const { id } = await findJob(app, request, 'request')
      const { owner, keyId, role } = principalOf(request)
      const job = await app.jobs.submitAgain(id, { owner, by: keyId, role })
      reply.header('location', `/v1/backtests/${job.id}`)
      return await reply.code(202).send(await viewJob(app, job))
    },
  )
}

function addDelete({ app, server }: ApiServer): void {
  server.delete(
    '/v1/backtests/:id',
    {
      config: { access: 'run' },
      schema: {
        operationId: 'deleteBacktest',
        summary: 'Remove a job that has ended, with all its files',
        tags: ['backtests'],
        params: JobParams,
        querystring: NO_QUERY,
        response: { 204: NO_CONTENT, ...keyProblems(404, 409, 413) },
      },
    },
    async (request, reply) => {
      refuseBody(request.body)
      const { id } = await findJob(app, request)
      await app.jobs.delete(id, principalOf(request).keyId)
      return await reply.code(204).send()
    },
  )
}

/** A body that would have no effect is a mistake of its sender. */
function refuseBody(body: unknown): void {
  if (body !== undefined && body !== null) throw invalidRequest('', 'must be empty: this route takes no body')
}
