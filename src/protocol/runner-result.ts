import { type Static, Type } from 'typebox'
import { AnswerLogDocument } from './answer-log.ts'
import { ClaimedOutcome } from './outcome.ts'

const strict = { additionalProperties: false } as const
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
/** Base64 of little-endian bytes. */
const Bytes = Type.String({ maxLength: 64 * 1024 * 1024 })
const Count = Type.Integer({ minimum: 0, maximum: 1_099_511_627_776 })

/** DecisionLog on the wire: every column as base64 of its little-endian bytes. */
export const DecisionLogDocument = Type.Object(
  {
    rows: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    unit: Bytes,
    bar: Bytes,
    symbol: Bytes,
    sequence: Bytes,
    signal: Bytes,
    /** Only columns that some row sets: field name -> bytes. */
    fields: Type.Array(Type.Object({ name: Type.String({ maxLength: 32 }), bytes: Bytes }, strict), { maxItems: 32 }),
    strings: Type.Array(Type.String({ maxLength: 4096 }), { maxItems: 1_000_000 }),
  },
  strict,
)
export type DecisionLogDocument = Static<typeof DecisionLogDocument>

export const UnitReport = Type.Object(
  {
    key: Type.String({ maxLength: 64 }),
    thread: Type.Integer({ minimum: 0, maximum: 64 }),
    bars: Count,
    ms: Type.Number({ minimum: 0 }),
  },
  strict,
)

export const StrategyInspection = Type.Object(
  {
    name: Type.String({ maxLength: 256 }),
    kind: Type.Union([Type.Literal('proposal'), Type.Literal('portfolio')]),
    params: Type.Array(
      Type.Object(
        {
          name: Type.String({ maxLength: 128 }),
          type: Type.String({ maxLength: 16 }),
          default: Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
          minimum: Type.Optional(Type.Number()),
          maximum: Type.Optional(Type.Number()),
          enum: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Number()]), { maxItems: 256 })),
          description: Type.Optional(Type.String({ maxLength: 1024 })),
        },
        strict,
      ),
      { maxItems: 256 },
    ),
    lookback: Count,
    symbols: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 500 }),
    /** What requiredIndicators asked for; absent: nothing. */
    indicators: Type.Optional(
      Type.Array(
        Type.Object(
          {
            id: Type.String({ maxLength: 64 }),
            kind: Type.String({ maxLength: 32 }),
            params: Type.Record(
              Type.String({ pattern: '^[\\s\\S]{0,64}$' }),
              Type.Union([Type.Number(), Type.String({ maxLength: 64 })]),
              { ...strict, maxProperties: 16 },
            ),
            /** Column that it is taken of; null: those of its formula. */
            source: Type.Union([Type.String({ maxLength: 16 }), Type.Null()]),
            /** null: of each symbol. */
            symbol: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]),
            /** Absent: that of the run. */
            interval: Type.Optional(Type.String({ maxLength: 8 })),
            /** Rows (bars of the interval) without a value of every output at the start. */
            warmUp: Count,
          },
          strict,
        ),
        { maxItems: 64 },
      ),
    ),
  },
  strict,
)
export type StrategyInspection = Static<typeof StrategyInspection>

const Usage = Type.Object(
  { cpuNanos: Type.Number({ minimum: 0 }), peakMemoryBytes: Type.Number({ minimum: 0 }), bars: Count },
  strict,
)

/** The one JSON document on the cell's stdout: a claim, parsed as hostile. On failure only v, outcome and usage stand in it. */
export const RunnerResult = Type.Object(
  {
    v: Type.Literal(1),
    outcome: ClaimedOutcome,
    usage: Usage,
    inspection: Type.Optional(StrategyInspection),
    ruleSet: Type.Optional(Type.String({ maxLength: 64 })),
    engine: Type.Optional(Type.String({ maxLength: 128 })),
    lookback: Type.Optional(Count),
    /** Symbols after filterSymbols, sorted. */
    symbols: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 500 })),
    seriesHashes: Type.Optional(
      Type.Array(
        Type.Object(
          {
            symbol: Type.String({ maxLength: 64 }),
            interval: Type.String({ maxLength: 8 }),
            kind: Type.String({ maxLength: 16 }),
            rows: Count,
            sha256: Hash,
          },
          strict,
        ),
        { maxItems: 4096 },
      ),
    ),
    decisions: Type.Optional(DecisionLogDocument),
    /** What code of the user answered in phase 2; absent: it was not asked. */
    answers: Type.Optional(AnswerLogDocument),
    /** The whole record stream, up to 8 MiB; beyond it recordHashes stands instead. */
    records: Type.Optional(Bytes),
    recordHashes: Type.Optional(Type.Array(Hash, { maxItems: 100_000 })),
    recordCount: Type.Optional(Count),
    equityHash: Type.Optional(Hash),
    /** Base64 Float64: E0, then the last E of each day of the window. */
    dailyEquity: Type.Optional(Bytes),
    timings: Type.Optional(
      Type.Object(
        {
          loadMs: Type.Number(),
          decideMs: Type.Number(),
          executeMs: Type.Number(),
          units: Type.Array(UnitReport, { maxItems: 500 }),
        },
        strict,
      ),
    ),
  },
  strict,
)
export type RunnerResult = Static<typeof RunnerResult>
