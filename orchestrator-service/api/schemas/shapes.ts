import { type Static, type TSchema, Type } from 'typebox'
import { INTERVALS } from '../../../src/candles/interval.ts'
import { MARKETS } from '../../../src/candles/symbol.ts'
import { ERROR_CODES, type ErrorCode } from '../../../src/errors.ts'
import { InstrumentFile } from '../../../src/instruments/instrument-file.ts'
import { BacktestConfig } from '../../../src/protocol/backtest-config.ts'
import { Comparison } from '../../../src/protocol/comparison.ts'
import { JobView } from '../../../src/protocol/job.ts'
import { oneOf } from '../../../src/protocol/one-of.ts'
import { Result, ResultOutcome } from '../../../src/protocol/result.ts'
import { StrategyInspection } from '../../../src/protocol/runner-result.ts'
import { ROLES } from '../../store/ports.ts'
import { ADMIN_SHAPES } from './admin-shapes.ts'
import { EXAMPLE_COMPARISON, EXAMPLE_CONFIG, EXAMPLE_JOB, EXAMPLE_RESULT } from './examples.ts'

const strict = { additionalProperties: false } as const
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const codes = Object.keys(ERROR_CODES) as ErrorCode[]

const ProblemShape = Type.Object(
  {
    type: Type.String({ description: 'urn:hotcell:error:<code>' }),
    title: Type.String(),
    status: Type.Integer(),
    code: oneOf(codes),
    detail: Type.String({ description: 'For people; never to be parsed' }),
    errors: Type.Array(
      Type.Object(
        {
          pointer: Type.String({ description: 'JSON pointer into the body, or /query, /path, /headers' }),
          message: Type.String(),
        },
        strict,
      ),
    ),
    hint: Type.String({ description: 'What to do' }),
  },
  {
    ...strict,
    $id: 'Problem',
    description: 'Why a request was refused',
    examples: [
      {
        type: 'urn:hotcell:error:invalid_config',
        title: 'Bad Request',
        status: 400,
        code: 'invalid_config',
        detail: 'Cannot use the configuration: "/symbols" is missing',
        errors: [{ pointer: '/symbols', message: 'is missing' }],
        hint: 'Correct the field at the pointer',
      },
    ],
  },
)

export const FinishedJob = Type.Object(
  { ...JobView.properties, result: Type.Unsafe<Result>({ $ref: 'Result#' }) },
  { ...strict, $id: 'FinishedJob', description: 'The job with its result' },
)

const JobPage = Type.Object(
  {
    jobs: Type.Array(Type.Unsafe<JobView>({ $ref: 'Job#' })),
    damaged: Type.Array(Type.Object({ id: Type.String(), message: Type.String() }, strict), {
      description:
        'Jobs of this page that are stored damaged: they are never run, and nothing can be said of them but this',
    }),
    cursor: nullable(Type.String({ description: 'For the next page; null: this was the last one' })),
  },
  { ...strict, $id: 'JobPage', examples: [{ jobs: [EXAMPLE_JOB], damaged: [], cursor: null }] },
)

const ComparisonShape = {
  ...Comparison,
  $id: 'Comparison',
  description: 'Runs over the time that all of them cover',
  examples: [EXAMPLE_COMPARISON],
}

const Inspection = Type.Object(
  { outcome: ResultOutcome, inspection: nullable(StrategyInspection) },
  {
    ...strict,
    $id: 'Inspection',
    description: 'What a cell found out about a strategy',
    examples: [
      {
        outcome: EXAMPLE_JOB.outcome,
        inspection: {
          name: 'SmaCrossover',
          kind: 'proposal',
          params: [{ name: 'fast', type: 'integer', default: 10, minimum: 1 }],
          lookback: 30,
          symbols: ['BTCUSDT'],
        },
      },
    ],
  },
)

const SERIES_SUMMARY = {
  rows: Type.Integer({ minimum: 0 }),
  first: nullable(Type.Number({ description: 'Of the first row, ms UTC (of a bar: its open)' })),
  last: nullable(Type.Number({ description: 'Of the last row, ms UTC' })),
  problem: nullable(Type.String({ description: 'Why the file cannot be used' })),
}
const CandleSummary = Type.Object(
  {
    market: oneOf(MARKETS),
    symbol: Type.String(),
    interval: oneOf(INTERVALS),
    ...SERIES_SUMMARY,
    sha256: nullable(Type.String({ description: 'Of the columns' })),
  },
  strict,
)

const CandleListing = Type.Object(
  {
    series: Type.Array(CandleSummary),
    marks: Type.Array(CandleSummary, { description: 'Mark prices' }),
    funding: Type.Array(Type.Object({ symbol: Type.String(), ...SERIES_SUMMARY }, strict)),
  },
  {
    ...strict,
    $id: 'CandleListing',
    examples: [
      {
        series: [
          {
            market: 'spot',
            symbol: 'BTCUSDT',
            interval: '1h',
            rows: 8784,
            first: 1_704_067_200_000,
            last: 1_735_686_000_000,
            sha256: 'a'.repeat(64),
            problem: null,
          },
        ],
        marks: [],
        funding: [],
      },
    ],
  },
)

export const KeyRequest = Type.Object(
  {
    owner: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$',
      description: 'Whom the jobs of this key belong to; several keys may have one owner',
    }),
    role: oneOf(ROLES),
  },
  { ...strict, $id: 'KeyRequest', examples: [{ owner: 'alice', role: 'user' }] },
)
export type KeyRequest = Static<typeof KeyRequest>

const keyFields = {
  id: Type.String(),
  owner: Type.String(),
  role: oneOf(ROLES),
  createdAt: Type.String({ description: 'ISO 8601, UTC' }),
  revokedAt: nullable(Type.String()),
}
const exampleKey = {
  id: 'k-abcdefghijkl',
  owner: 'alice',
  role: 'user',
  createdAt: '2024-01-01T00:00:00.000Z',
  revokedAt: null,
}

const ApiKeyShape = Type.Object(keyFields, { ...strict, $id: 'ApiKey', examples: [exampleKey] })
export type ApiKeyView = Static<typeof ApiKeyShape>

const NewKey = Type.Object(
  { ...keyFields, secret: Type.String({ description: 'Shown once; only its hash is stored' }) },
  { ...strict, $id: 'NewKey', examples: [{ ...exampleKey, secret: `hk_${'A'.repeat(43)}` }] },
)

const KeyList = Type.Object(
  { keys: Type.Array(Type.Unsafe({ $ref: 'ApiKey#' })) },
  { ...strict, $id: 'KeyList', examples: [{ keys: [exampleKey] }] },
)

const Health = Type.Object(
  { status: oneOf(['live', 'ready']) },
  { ...strict, $id: 'Health', examples: [{ status: 'ready' }] },
)

/** Named shapes of the document; routes refer to them. */
export const SHARED_SHAPES: readonly TSchema[] = [
  ProblemShape,
  { ...JobView, description: 'A backtest job', examples: [EXAMPLE_JOB] },
  { ...Result, $id: 'Result', description: 'What the host computed and stored of a run', examples: [EXAMPLE_RESULT] },
  { ...BacktestConfig, $id: 'BacktestConfig', description: 'A backtest', examples: [EXAMPLE_CONFIG] },
  { ...InstrumentFile, $id: 'Instruments', examples: [{ version: '2024-01', instruments: [] }] },
  { ...FinishedJob, examples: [{ ...EXAMPLE_JOB, result: EXAMPLE_RESULT }] },
  ComparisonShape,
  JobPage,
  Inspection,
  CandleListing,
  KeyRequest,
  ApiKeyShape,
  NewKey,
  KeyList,
  Health,
  ...ADMIN_SHAPES,
]
