import type { FastifyReply } from 'fastify'
import { readFile } from 'node:fs/promises'
import { Type } from 'typebox'
import { PlatformError } from '../../../src/errors.ts'
import { oneOf } from '../../../src/protocol/one-of.ts'
import type { ApiServer } from '../context.ts'
import { sendStream } from '../follow/send-stream.ts'
import { loadJobResult } from '../job-result.ts'
import { reportPolicy } from '../plugins/security-headers.ts'
import { answers, answersIn, JobParams, keyProblems, NO_QUERY } from '../schemas/responses.ts'
import { ARROW_TYPE, CSV_TYPE, rowSchema } from '../schemas/tables.ts'
import { arrowOfPart, readPart } from '../tables/read-part.ts'
import { RUN_PART_NAMES, RUN_PARTS, type RunPart } from '../tables/run-parts.ts'
import { csvChunks, jsonChunks } from '../tables/table.ts'
import { findJob } from './find-job.ts'

const FORMATS = ['json', 'csv', 'arrow'] as const
export const TableFormat = Type.Optional(oneOf(FORMATS))
const PartQuery = Type.Object({ format: TableFormat }, { additionalProperties: false })

/** What came out of a job. */
export function addResultRoutes(api: ApiServer): void {
  addResult(api)
  for (const part of RUN_PART_NAMES) addPart(api, part)
  addReport(api)
}

function addResult({ app, server }: ApiServer): void {
  server.get(
    '/v1/backtests/:id/result',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getResult',
        summary: 'The result of a job that has ended, whatever its end',
        tags: ['results'],
        params: JobParams,
        querystring: NO_QUERY,
        response: { 200: answers('Result', 'The result'), ...keyProblems(404, 409) },
      },
    },
    async (request, reply) => await reply.send(await loadJobResult(app, await findJob(app, request, 'result'))),
  )
}

function addPart({ app, server, downloads }: ApiServer, part: RunPart): void {
  const { description, columns } = RUN_PARTS[part]
  server.get(
    `/v1/backtests/:id/${part}`,
    {
      config: { access: 'read' },
      schema: {
        operationId: `get${part.charAt(0).toUpperCase()}${part.slice(1)}`,
        summary: `Table: ${part}`,
        description: `${description}. The same columns in every format. CSV: RFC 4180, no value is an empty cell, words that a spreadsheet would take for a formula have an apostrophe in front. Arrow: an IPC file, no value is NaN.`,
        tags: ['results'],
        params: JobParams,
        querystring: PartQuery,
        response: {
          200: answersIn('The table', {
            'application/json': Type.Array(rowSchema(columns)),
            [CSV_TYPE]: Type.String(),
            [ARROW_TYPE]: Type.String({ format: 'binary' }),
          }),
          ...keyProblems(404, 409, 429),
        },
      },
    },
    async (request, reply) => {
      const result = await loadJobResult(app, await findJob(app, request, part))
      const format = request.query.format ?? 'json'
      return await sendStream(reply, downloads, async () => {
        if (format === 'arrow') {
          const bytes = arrowOfPart(app, result, part)
          attach(reply.type(ARROW_TYPE), `${result.id}-${part}.arrow`)
          return bytes
        }
        const table = await readPart(app, result, part)
        if (format === 'csv') attach(reply.type(CSV_TYPE), `${result.id}-${part}.csv`)
        else reply.type('application/json')
        return format === 'csv' ? csvChunks(table) : jsonChunks(table)
      })
    },
  )
}

/** Browsers save it instead of showing it. The name is made of ids and symbols, which need no quoting. */
export function attach(reply: FastifyReply, fileName: string): void {
  reply.header('content-disposition', `attachment; filename="${fileName}"`)
}

function addReport({ app, server }: ApiServer): void {
  server.get(
    '/v1/backtests/:id/report.html',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getReport',
        summary: 'The report of a completed run: one self-contained page',
        tags: ['results'],
        params: JobParams,
        querystring: NO_QUERY,
        response: { 200: answersIn('The page', { 'text/html': Type.String() }), ...keyProblems(404, 409) },
      },
    },
    async (request, reply) => {
      const { id, outcome } = await loadJobResult(app, await findJob(app, request, 'report'))
      const html = await readFile(app.runs.pathOf(id, 'report.html'), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        return null
      })
      if (html === null || outcome.kind !== 'ok') {
        const state = `the run ended with ${outcome.kind} and has none`
        throw new PlatformError('no_figures', `Cannot show the report of "${id}": ${state}`, {
          hint: `See /v1/backtests/${id}/result`,
        })
      }
      return await reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', reportPolicy(html))
        .send(html)
    },
  )
}
