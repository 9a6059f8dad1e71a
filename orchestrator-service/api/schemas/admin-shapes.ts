import { type TSchema, Type } from 'typebox'
import { oneOf } from '../../../src/protocol/one-of.ts'
import { AUDIT_EXAMPLE, POOL_EXAMPLE } from './admin-examples.ts'

const strict = { additionalProperties: false } as const
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const hash = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description })
const ID = 'r-abcdefghijklmnop'

const CellList = Type.Object(
  {
    cells: Type.Array(
      Type.Object(
        {
          cell: Type.String(),
          container: Type.String({ description: 'Id of the container' }),
          name: Type.String(),
          state: Type.String({ description: 'In the words of the engine' }),
          createdAt: Type.String({ description: 'ISO 8601, UTC' }),
          ageMs: Type.Integer({ minimum: 0 }),
          policy: nullable(Type.String({ description: 'Null: not a policy of this process' })),
          policyHash: Type.String(),
          memoryBytes: nullable(Type.Integer({ minimum: 0, description: 'Limit of its policy' })),
          job: nullable(Type.String({ description: 'Null: it runs no job' })),
          attempt: nullable(Type.Integer({ minimum: 0 })),
          owner: nullable(Type.String()),
        },
        strict,
      ),
    ),
  },
  {
    ...strict,
    $id: 'CellList',
    examples: [
      {
        cells: [
          {
            cell: '00112233445566aa',
            container: 'c'.repeat(64),
            name: `hotcell-${ID}-1`,
            state: 'running',
            createdAt: '2024-07-02T08:00:00.000Z',
            ageMs: 1200,
            policy: 'default',
            policyHash: 'a'.repeat(64),
            memoryBytes: 536_870_912,
            job: ID,
            attempt: 1,
            owner: 'alice',
          },
        ],
      },
    ],
  },
)

const count = (description: string) => Type.Integer({ minimum: 0, description })
const Times = Type.Object(
  {
    count: count('How many were measured'),
    meanMs: nullable(Type.Number({ minimum: 0, description: 'Null: there are none' })),
    p50Ms: nullable(Type.Number({ description: 'Upper bound of its bucket; null: none, or beyond the last bound' })),
    p99Ms: nullable(Type.Number({ description: 'As p50Ms' })),
    buckets: Type.Array(
      Type.Object(
        { upToMs: nullable(Type.Number({ description: 'Null: over all bounds' })), count: count('In it') },
        strict,
      ),
    ),
  },
  strict,
)

const PoolReport = Type.Object(
  {
    pool: nullable(
      Type.Object(
        {
          bounds: Type.Object(
            { min: count('HOTCELL_WARM_CELLS, least'), max: count('Most, over all policies; 0: none') },
            strict,
          ),
          idle: count('Cells that wait'),
          wanted: count('Cells that shall wait'),
          paused: Type.Boolean({ description: 'No cell is made ahead: the engine fails or is slow' }),
          jobs: Type.Object(
            {
              hits: count('Got a cell that waited'),
              joins: count('Got the one that was being made'),
              misses: count('Had one started'),
              hitRate: nullable(Type.Number({ minimum: 0, maximum: 1, description: 'Null: no job has come' })),
            },
            strict,
          ),
          wait: Times,
          refill: Times,
          cells: Type.Object(
            {
              started: count('Made ahead'),
              failed: count('Could not be made ahead'),
              unready: count('Waited without being prepared'),
              dropped: Type.Object(
                {
                  dead: count('Ended while they waited'),
                  aged: count('Waited too long'),
                  surplus: count('Too many'),
                  closed: count('The service ended'),
                },
                strict,
              ),
            },
            strict,
          ),
          shelves: Type.Array(
            Type.Object(
              {
                policy: Type.String(),
                image: Type.String(),
                idle: count('Cells that wait'),
                wanted: count('Shall wait'),
              },
              strict,
            ),
          ),
        },
        strict,
      ),
    ),
  },
  { ...strict, $id: 'PoolReport', examples: [{ pool: POOL_EXAMPLE }] },
)

const AuditRecordShape = Type.Object(
  {
    sequence: Type.Integer({ minimum: 1 }),
    at: Type.String({ description: 'ISO 8601, UTC' }),
    previous: hash('Of the record before; zeros in the first one'),
    event: Type.Object({ type: Type.String() }, { description: 'What happened; docs/audit.md lists the types' }),
    hash: hash('sha256 over the canonical JSON of the four others'),
  },
  { ...strict, $id: 'AuditRecord', examples: [AUDIT_EXAMPLE] },
)

const AuditPage = Type.Object(
  {
    records: Type.Array(Type.Unsafe({ $ref: 'AuditRecord#' })),
    next: nullable(Type.Integer({ minimum: 1, description: '`from` of the next page; null: there are no more yet' })),
  },
  { ...strict, $id: 'AuditPage', examples: [{ records: [AUDIT_EXAMPLE], next: 2 }] },
)

const LogPage = Type.Object(
  {
    entries: Type.Array(
      Type.Object(
        {
          job: Type.String(),
          owner: Type.String(),
          at: Type.Number({ description: 'Host clock, ms' }),
          source: oneOf(['strategy', 'raw', 'system']),
          level: oneOf(['debug', 'info', 'warn', 'error']),
          unit: nullable(Type.String()),
          time: nullable(Type.Number({ description: 'Decision instant, ms' })),
          text: Type.String({ description: 'Of the strategy: not to be believed, and not to be shown unescaped' }),
          fields: nullable(
            Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
          ),
        },
        strict,
      ),
    ),
    cursor: nullable(
      Type.String({ description: 'For the next page; null: this was the last one. A page may be short, or empty' }),
    ),
  },
  {
    ...strict,
    $id: 'LogPage',
    examples: [
      {
        entries: [
          {
            job: ID,
            owner: 'alice',
            at: 1_719_907_200_000,
            source: 'system',
            level: 'info',
            unit: null,
            time: null,
            text: 'Attempt 1 taken',
            fields: { event: 'taken', attempt: 1 },
          },
        ],
        cursor: null,
      },
    ],
  },
)

export const PruneBody = Type.Object(
  {
    olderThanMs: Type.Integer({
      minimum: 0,
      maximum: 3_155_760_000_000,
      description: 'Jobs that ended longer ago are removed, with their files and logs',
    }),
    keep: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000_000,
        default: 0,
        description: 'So many of the newest jobs that have ended stay',
      }),
    ),
    images: Type.Optional(
      Type.Boolean({ default: false, description: 'Also runner images of this product that no container uses' }),
    ),
    dryRun: Type.Optional(Type.Boolean({ default: false, description: 'Only say what would be removed' })),
  },
  { ...strict, $id: 'PruneRequest', examples: [{ olderThanMs: 2_592_000_000, keep: 100, dryRun: true }] },
)

const Pruned = Type.Object(
  {
    dryRun: Type.Boolean(),
    finishedBefore: Type.String({ description: 'ISO 8601, UTC' }),
    jobs: Type.Array(Type.String()),
    images: Type.Array(Type.String()),
  },
  {
    ...strict,
    $id: 'Pruned',
    examples: [{ dryRun: true, finishedBefore: '2024-06-02T08:00:00.000Z', jobs: [ID], images: [] }],
  },
)

export const ADMIN_SHAPES: readonly TSchema[] = [
  CellList,
  PoolReport,
  AuditRecordShape,
  AuditPage,
  LogPage,
  PruneBody,
  Pruned,
]
