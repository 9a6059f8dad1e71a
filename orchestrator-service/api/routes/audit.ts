import { Type } from 'typebox'
import { oneOf } from '../../../src/protocol/one-of.ts'
import { auditFile } from '../../audit/audit-lines.ts'
import { type ReadRecord, readRecords, type RecordFilter } from '../../audit/read-chain.ts'
import type { ApiServer } from '../context.ts'
import { keyProblems } from '../schemas/responses.ts'

const FORMATS = ['json', 'ndjson'] as const

const AuditQuery = Type.Object(
  {
    from: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        default: 1,
        description: 'Sequence of the first record',
        examples: [1],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200, examples: [200] })),
    job: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Records about this job' })),
    type: Type.Optional(
      Type.String({ pattern: '^[a-z_]{1,64}$', description: 'Records of this type', examples: ['job_read'] }),
    ),
    format: Type.Optional(oneOf(FORMATS)),
  },
  { additionalProperties: false },
)

/** The audit log, as it is: whether it is whole is for `hotcell audit verify`, which needs all of it. */
export function addAuditRoutes({ app, server }: ApiServer): void {
  server.get(
    '/v1/admin/audit',
    {
      config: { access: 'oversee' },
      schema: {
        operationId: 'readAudit',
        summary: 'Records of the audit log, oldest first',
        description:
          'ndjson: the lines of the log, byte for byte, so that their hashes can be checked; go on behind the sequence of the last one.',
        tags: ['admin'],
        querystring: AuditQuery,
        response: {
          200: {
            description: 'A page',
            content: {
              'application/json': { schema: { $ref: 'AuditPage#' } },
              'application/x-ndjson': { schema: Type.String() },
            },
          },
          ...keyProblems(),
        },
      },
    },
    async (request, reply) => {
      const { from = 1, limit = 200, job, type, format = 'json' } = request.query
      await app.audit.flush()
      const filter: RecordFilter = {
        from,
        ...(job === undefined ? {} : { job }),
        ...(type === undefined ? {} : { type }),
      }
      const found: ReadRecord[] = []
      let next: number | null = null
      for await (const one of readRecords(auditFile(app.config.dataDir), filter)) {
        if (found.length === limit) {
          next = one.record.sequence
          break
        }
        found.push(one)
      }
      if (format === 'json') return await reply.send({ records: found.map(({ record }) => record), next })
      return await reply
        .type('application/x-ndjson')
        .send(found.map(({ bytes }) => `${Buffer.from(bytes).toString('utf8')}\n`).join(''))
    },
  )
}
