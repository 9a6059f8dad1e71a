import { Type } from 'typebox'
import { oneOf } from '../../../src/protocol/one-of.ts'
import type { ApiContext, ApiServer } from '../context.ts'
import { jobEvents, readEventId } from '../follow/job-events.ts'
import { jobLogLines } from '../follow/job-log-lines.ts'
import { isLineStart } from '../follow/log-place.ts'
import { sendStream } from '../follow/send-stream.ts'
import { invalidRequest } from '../problem.ts'
import { answersIn, JobParams, keyProblems, NO_QUERY } from '../schemas/responses.ts'
import { findJob } from './find-job.ts'

const LogQuery = Type.Object(
  {
    follow: Type.Optional(
      Type.Boolean({ default: false, description: 'Stay until the job has ended', examples: [false] }),
    ),
    level: Type.Optional(oneOf(['debug', 'info', 'warn', 'error'])),
    source: Type.Optional(oneOf(['strategy', 'raw', 'system'])),
    from: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1e12,
        default: 0,
        description:
          'Byte offset of a line in the whole log: the number of bytes received so far, if nothing is filtered',
        examples: [0],
      }),
    ),
  },
  { additionalProperties: false },
)

const EventHeaders = Type.Object({
  'Last-Event-ID': Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,9}:[0-9]{1,15}$',
      description: 'Id of the last event received',
      examples: ['3:1200'],
    }),
  ),
})

/** One event: documents of this version have no other way to say what a stream is made of. */
const ServerSentEvent = Type.Object(
  {
    event: oneOf(['state', 'progress', 'log', 'end']),
    data: Type.String({ contentMediaType: 'application/json', description: 'A Job, a progress or a log entry' }),
    id: Type.Optional(Type.String({ description: 'Place in the stream behind this event' })),
  },
  { additionalProperties: false, description: 'Each event of the stream' },
)

const EVENTS = `Server-sent events. The first one is \`state\` with the whole job; then \`state\` at each transition, \`progress\`
(the latest value only), \`log\` (one entry each), at last \`end\` with the whole job, and the stream is closed. A comment every
15 s keeps the connection alive. \`id\` is a place in the stream: send it as \`Last-Event-ID\` to go on behind it.`

/** Streams that stay open while a job runs. */
export function addFollowRoutes(api: ApiServer): void {
  addLogs(api)
  addEvents(api)
}

function addLogs({ app, server, followers }: ApiServer): void {
  server.get(
    '/v1/backtests/:id/logs',
    {
      exposeHeadRoute: false,
      config: { access: 'read' },
      schema: {
        operationId: 'getLogs',
        summary: 'Log of a job, one JSON document a line',
        description: '`level` means this one and those above it.',
        tags: ['backtests'],
        params: JobParams,
        querystring: LogQuery,
        response: {
          200: answersIn('NDJSON', { 'application/x-ndjson': Type.String() }),
          ...keyProblems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { id } = await findJob(app, request, 'logs')
      const { follow = false, level = null, source = null, from = 0 } = request.query
      await checkOffset(app, id, from)
      reply.type('application/x-ndjson')
      const filter = { level, source }
      // The first line of a job that waits may be long in coming; clients give up on an answer that does not begin
      if (follow) reply.raw.once('pipe', () => reply.raw.flushHeaders())
      return await sendStream(reply, followers, (signal) => jobLogLines(app, id, { from, follow, filter, signal }))
    },
  )
}

async function checkOffset(app: ApiContext, id: string, from: number): Promise<void> {
  if (from > (await app.logs.size(id))) throw invalidRequest('/query/from', 'is beyond the end of the log')
  if (!(await isLineStart(app.logs, id, from))) throw invalidRequest('/query/from', 'is not the beginning of a line')
}

function addEvents({ app, server, followers }: ApiServer): void {
  server.get(
    '/v1/backtests/:id/events',
    {
      exposeHeadRoute: false,
      config: { access: 'read' },
      schema: {
        operationId: 'followBacktest',
        summary: 'Follow a job',
        description: EVENTS,
        tags: ['backtests'],
        params: JobParams,
        querystring: NO_QUERY,
        headers: EventHeaders,
        response: {
          200: answersIn('Server-sent events', { 'text/event-stream': ServerSentEvent }),
          ...keyProblems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const job = await findJob(app, request, 'events')
      const last = request.headers['last-event-id']
      const from = last === undefined ? null : await readEventId(app, job.id, last)
      reply.type('text/event-stream').header('x-accel-buffering', 'no')
      return await sendStream(reply, followers, (signal) => jobEvents(app, job, { from, signal }))
    },
  )
}
