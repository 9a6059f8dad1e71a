import { type Static, Type } from 'typebox'
import { INTERVALS, type Interval } from '../candles/interval.ts'

const strict = { additionalProperties: false } as const
const Count = Type.Integer({ minimum: 0 })
const Instant = Type.Union([Type.Number(), Type.Null()])
const AnyInterval = Type.Unsafe<Interval>(Type.Union(INTERVALS.map((one) => Type.Literal(one))))

/** What the candles of a symbol were like in the window of a run. */
export const SymbolQuality = Type.Object(
  {
    symbol: Type.String(),
    /** Real bars in the window. */
    bars: Count,
    lookbackBars: Count,
    firstOpen: Instant,
    lastClose: Instant,
    /** Bars missing between the first and the last one (T5); each marks equity and fills nothing. */
    missing: Count,
    longestGap: Count,
    zeroVolume: Count,
    /** listed_late, ended_early, no_volume, no_instrument, synthetic. */
    flags: Type.Array(Type.String()),
    /** Bars of the window that detail candles cover, and those of them with another high or low (F7). */
    detail: Type.Optional(
      Type.Object({ interval: AnyInterval, rows: Count, covered: Count, differing: Count }, strict),
    ),
  },
  strict,
)
export type SymbolQuality = Static<typeof SymbolQuality>
