import { type Static, Type } from 'typebox'
import { MAX_ANSWER_TEXTS } from './answer-limits.ts'

const strict = { additionalProperties: false } as const
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
/** Base64 of little-endian bytes. */
const Bytes = Type.String({ maxLength: 64 * 1024 * 1024 })

/** UTF-16 units of one of them. */
export const MAX_ANSWER_TEXT = 65_536

/** What user code answered in phase 2 (V1), on the wire. */
export const AnswerLogDocument = Type.Object(
  {
    ports: Type.Array(
      Type.Object(
        {
          port: Type.String({ maxLength: 32 }),
          calls: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
          hashes: Type.Array(Hash, { maxItems: 100_000 }),
          rows: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
          call: Bytes,
          number: Bytes,
          text: Bytes,
        },
        strict,
      ),
      { maxItems: 16 },
    ),
    /** Canonical JSON. */
    strings: Type.Array(Type.String({ maxLength: MAX_ANSWER_TEXT }), { maxItems: MAX_ANSWER_TEXTS }),
  },
  strict,
)
export type AnswerLogDocument = Static<typeof AnswerLogDocument>
