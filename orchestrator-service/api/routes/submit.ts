import { Type } from 'typebox'
import { PlatformError } from '../../../src/errors.ts'
import { isFinal } from '../../../src/protocol/job.ts'
import type { ApiServer } from '../context.ts'
import { loadJobResult } from '../job-result.ts'
import { viewJob } from '../job-view.ts'
import { passBody } from '../plugins/validation.ts'
import { answers, keyProblems, LOCATION, NO_QUERY } from '../schemas/responses.ts'
import { principalOf } from './find-job.ts'
import { waitForEnd } from './wait.ts'

const strict = { additionalProperties: false } as const

const SubmitQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 60, description: 'Seconds to wait for the end of the job', examples: [30] }),
    ),
  },
  strict,
)

const SubmitHeaders = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      pattern: '^[!-~]{1,255}$',
      description:
        'The same key and body give the same job, however often they are sent; the same key with another body 409',
      examples: ['2024-07-02-nightly-btc'],
    }),
  ),
})

/** Routes that run submitted code. */
export function addSubmitRoutes(api: ApiServer): void {
  addSubmit(api)
  addInspect(api)
}

function addSubmit(api: ApiServer): void {
  const { app, server } = api
  server.post(
    '/v1/backtests',
    {
      config: { access: 'run', bodyError: 'invalid_config' },
      validatorCompiler: passBody,
      schema: {
        operationId: 'submitBacktest',
        summary: 'Submit a backtest',
        description:
          'Stores the job and queues it. With `wait` the answer holds the result if the job ends in that time.',
        tags: ['backtests'],
        querystring: SubmitQuery,
        headers: SubmitHeaders,
        body: Type.Unsafe({ $ref: 'BacktestConfig#' }),
        response: {
          200: answers('FinishedJob', 'The job has ended in the time of `wait`', LOCATION),
          202: answers('Job', 'The job is stored', LOCATION),
          ...keyProblems(409, 413, 422, 429),
        },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key']
      const { owner, keyId, role } = principalOf(request)
      const { job } = await app.jobs.submit({
        owner,
        by: keyId,
        role,
        raw: requireBody(request.body),
        idempotency: key === undefined ? null : { key, bodyHash: request.bodyHash },
      })
      request.jobId = job.id
      reply.header('location', `/v1/backtests/${job.id}`)
      const { wait } = request.query
      const latest = wait === undefined ? job : await waitForEnd(api, job, { seconds: wait, reply })
      const view = await viewJob(app, latest)
      if (wait === undefined || !isFinal(latest.state)) return await reply.code(202).send(view)
      return await reply.code(200).send({ ...view, result: await loadJobResult(app, latest) })
    },
  )
}

function addInspect({ app, server }: ApiServer): void {
  server.post(
    '/v1/strategies/inspect',
    {
      config: { access: 'run', bodyError: 'invalid_config' },
      validatorCompiler: passBody,
      schema: {
        operationId: 'inspectStrategy',
        summary: 'Load and describe a strategy in a cell of its own',
        description:
          'Takes what a submission takes; parameters, lookback and traded symbols come back, or the error with its place.',
        tags: ['backtests'],
        querystring: NO_QUERY,
        body: Type.Unsafe({ $ref: 'BacktestConfig#' }),
        response: { 200: answers('Inspection', 'What the cell found out'), ...keyProblems(413, 422, 429) },
      },
    },
    async (request, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const { role } = principalOf(request)
      return await reply.send(await app.jobs.inspect(requireBody(request.body), gone.signal, role))
    },
  )
}

function requireBody(body: unknown): unknown {
  if (body !== undefined) return body
  const message = 'is missing'
  throw new PlatformError('invalid_config', `Cannot use the configuration: it ${message}`, {
    errors: [{ pointer: '', message }],
  })
}
