import { Type } from 'typebox'
import { oneOf } from '../../../src/protocol/one-of.ts'
import { type LogPlace, searchLogs } from '../../admin/search-logs.ts'
import type { ApiServer } from '../context.ts'
import { invalidRequest } from '../problem.ts'
import { PruneBody } from '../schemas/admin-shapes.ts'
import { answers, keyProblems, NO_QUERY } from '../schemas/responses.ts'
import { actorOf, principalOf } from './find-job.ts'

const LogsQuery = Type.Object(
  {
    job: Type.Optional(Type.String({ minLength: 1, maxLength: 64, examples: ['r-abcdefghijklmnop'] })),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 64, examples: ['alice'] })),
    level: Type.Optional(oneOf(['debug', 'info', 'warn', 'error'])),
    source: Type.Optional(oneOf(['strategy', 'raw', 'system'])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200, examples: [200] })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: 'As answered by the page before' })),
  },
  { additionalProperties: false },
)

/** What concerns the whole service. */
export function addAdminRoutes(api: ApiServer): void {
  addCells(api)
  addPool(api)
  addLogs(api)
  addPrune(api)
}

function addCells({ app, server }: ApiServer): void {
  server.get(
    '/v1/admin/cells',
    {
      config: { access: 'oversee' },
      schema: {
        operationId: 'listCells',
        summary: 'Containers of this instance, oldest first',
        tags: ['admin'],
        querystring: NO_QUERY,
        response: { 200: answers('CellList', 'As the engine has them now'), ...keyProblems() },
      },
    },
    async (_request, reply) => await reply.send({ cells: await app.admin.cells() }),
  )
}

function addPool({ app, server }: ApiServer): void {
  server.get(
    '/v1/admin/pool',
    {
      config: { access: 'oversee' },
      schema: {
        operationId: 'showPool',
        summary: 'Cells that wait for jobs: how many, how often one was there, how long it took',
        description: 'Counts since the start of the process. A waiting cell serves one job.',
        tags: ['admin'],
        querystring: NO_QUERY,
        response: { 200: answers('PoolReport', 'As it is now'), ...keyProblems() },
      },
    },
    async (_request, reply) => await reply.send({ pool: app.admin.pool() }),
  )
}

function addLogs({ app, server }: ApiServer): void {
  server.get(
    '/v1/admin/logs',
    {
      config: { access: 'oversee' },
      schema: {
        operationId: 'searchLogs',
        summary: 'Logs of all jobs, newest job first',
        description: '`level` means this one and those above it. What is read of others is written to the audit log.',
        tags: ['admin'],
        querystring: LogsQuery,
        response: { 200: answers('LogPage', 'A page'), ...keyProblems() },
      },
    },
    async (request, reply) => {
      const { job = null, owner = null, level = null, source = null, limit = 200, cursor } = request.query
      const place = readPlace(cursor)
      const { entries, next } = await searchLogs(
        { store: app.stores.jobs, logs: app.logs },
        { job, owner, filter: { level, source }, limit, place },
      )
      const by = actorOf(request)
      const others = new Set(entries.filter((entry) => entry.owner !== by.owner).map((entry) => entry.job))
      const filter = Object.fromEntries(
        Object.entries({ job, owner, level, source }).flatMap(([name, value]) =>
          value === null ? [] : [[name, value]],
        ),
      )
      if (others.size > 0) await app.audit.require({ type: 'logs_searched', jobs: [...others], filter, by })
      return await reply.send({ entries, cursor: next === null ? null : writePlace(next) })
    },
  )
}

function writePlace({ before, offset }: LogPlace): string {
  return Buffer.from(`1:${offset}:${before ?? ''}`).toString('base64url')
}

function readPlace(cursor: string | undefined): LogPlace {
  if (cursor === undefined) return { before: null, offset: 0 }
  const match = /^1:(\d{1,15}):([\w-]{0,200})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  const place = { before: match?.[2] === '' ? null : (match?.[2] ?? null), offset: Number(match?.[1]) }
  if (match !== null && writePlace(place) === cursor) return place
  throw invalidRequest('/query/cursor', 'must be the cursor of the page before')
}

function addPrune({ app, server }: ApiServer): void {
  server.post(
    '/v1/admin/prune',
    {
      config: { access: 'administer' },
      schema: {
        operationId: 'prune',
        summary: 'Remove old jobs that have ended, with their files, and old runner images',
        description: 'What is removed is written to the audit log first. The audit log itself is never pruned.',
        tags: ['admin'],
        querystring: NO_QUERY,
        body: PruneBody,
        response: { 200: answers('Pruned', 'What was removed, or would be'), ...keyProblems(413) },
      },
    },
    async (request, reply) => {
      const { olderThanMs, keep = 0, images = false, dryRun = false } = request.body
      const by = principalOf(request).keyId
      return await reply.send(await app.admin.prune({ olderThanMs, keep, images, dryRun, by }))
    },
  )
}
