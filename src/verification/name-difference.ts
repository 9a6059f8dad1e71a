import { RECORD_BYTES, type EngineRecord } from '../backtest/records.ts'
import { decodeRecords } from '../backtest/record-stream.ts'
import type { Window } from '../backtest/window.ts'
import { slotOf, type Interval } from '../candles/interval.ts'
import { PlatformError } from '../errors.ts'
import { dailySeries } from '../performance/daily-series.ts'
import type { RecordDifference } from './compare-records.ts'

/** The first place where a claim leaves the replay, by name. */
export interface NamedDifference {
  /** Of the true record, or of the claimed one that has no true one; `equity`: all records agree. Null: it is not readable. */
  readonly kind: EngineRecord['kind'] | 'equity' | null
  /** Number of the record or, for equity, of the day (0: E0); of the first record of the chunk where streams are claimed by hashes. */
  readonly index: number
  readonly symbol: string | null
  /** Bar of the window that the instant belongs to, 0 the first. */
  readonly bar: number | null
  readonly time: number | null
  /** First field that differs, in the order of the layout. Null: the whole record was left out or made up, or only hashes are claimed. */
  readonly field: string | null
  /** Of the field; without one, the kind of the record. Both null: only hashes are claimed. */
  readonly claimed: string | number | null
  readonly recomputed: string | number | null
}

export interface RunNames {
  readonly symbols: readonly string[]
  readonly interval: Interval
  readonly window: Window
}

const UNREADABLE = 'no record'

/** Instants up to this T2 step end a bar, later ones begin one. */
const LAST_CLOSING_STEP = 2

/** An order leaves a few records in a row, which are left out or made up together. */
const RECORDS_AHEAD = 8

/**
 * Names the difference of two record streams. Where one goes on with the other's record within RECORDS_AHEAD, those
 * between were left out or made up; otherwise the record was changed (also when every later balance follows the edit).
 */
export function nameRecordDifference(
  difference: RecordDifference,
  streams: { readonly claimed: Uint8Array | null; readonly recomputed: Uint8Array },
  names: RunNames,
): NamedDifference {
  const { index, unit } = difference
  const claimed = decodeOne(difference.claimed)
  const recomputed = decodeOne(difference.recomputed)
  const place = placeOf(recomputed ?? claimed, names)
  if (unit === 'chunk') return { ...place, index, field: null, claimed: null, recomputed: null }
  const seen = claimed?.kind ?? (difference.claimed === null ? null : UNREADABLE)
  const whole = { ...place, index, field: null, claimed: seen, recomputed: recomputed?.kind ?? null }
  if (claimed === null || recomputed === null) return whole
  const claimedRecords = streams.claimed ?? new Uint8Array(0)
  for (let ahead = 1; ahead <= RECORDS_AHEAD; ahead += 1) {
    if (sameRecord([claimedRecords, index], [streams.recomputed, index + ahead])) return { ...whole, claimed: null }
    if (sameRecord([claimedRecords, index + ahead], [streams.recomputed, index]))
      return { ...whole, ...placeOf(claimed, names), recomputed: null }
  }
  const field = (Object.keys(recomputed) as (keyof EngineRecord)[]).find(
    (name) => !Object.is(claimed[name], recomputed[name]),
  )
  // Two NaN of other bits
  if (field === undefined) return whole
  return { ...place, index, field, claimed: claimed[field], recomputed: recomputed[field] }
}

/** Names the first day whose equity differs; null: no daily point does. `claimed`: E0, then the last E of each day. */
export function nameEquityDifference(
  claimed: Float64Array,
  run: Pick<RunNames, 'interval' | 'window'> & { readonly initialCash: number; readonly equity: Float64Array },
): NamedDifference | null {
  const { interval, window, initialCash, equity } = run
  const daily = dailySeries({ interval, window, initialCash, equity })
  const length = Math.max(claimed.length, daily.equity.length)
  for (let day = 0; day < length; day += 1) {
    if (Object.is(claimed[day], daily.equity[day])) continue
    const time = daily.time[day] ?? null
    return {
      kind: 'equity',
      index: day,
      symbol: null,
      bar: time === null ? null : Math.max(0, slotOf(interval, time) - window.firstSlot),
      time,
      field: 'equity',
      claimed: claimed[day] ?? null,
      recomputed: daily.equity[day] ?? null,
    }
  }
  return null
}

/** A difference in words: `fill of COIN at bar 57 (2024-01-03T09:00:00.000Z): fee 0, expected 4.02`. */
export function describeDifference(named: NamedDifference, isoTime: (time: number) => string): string {
  const { kind, symbol, bar, time, field, claimed, recomputed } = named
  const what = kind === null ? 'what is no record' : symbol === null ? kind : `${kind} of ${symbol}`
  const when = bar === null ? '' : ` at bar ${bar}${time === null ? '' : ` (${isoTime(time)})`}`
  if (field === null && claimed === null && recomputed === null)
    return kind === null ? 'which the run did not come to' : `${what}${when}`
  if (field !== null) return `${what}${when}: ${field} ${shown(claimed)}, expected ${shown(recomputed)}`
  if (claimed === null) return `${what}${when}: missing in the claim`
  if (recomputed === null) return `${what}${when}: claimed, but it did not happen`
  return claimed === UNREADABLE ? `${what}${when}: ${UNREADABLE} in the claim` : `${what}${when}`
}

function shown(value: string | number | null): string {
  return value === null ? 'nothing' : String(value)
}

function placeOf(
  record: EngineRecord | null,
  { symbols, interval, window }: RunNames,
): Pick<NamedDifference, 'kind' | 'symbol' | 'bar' | 'time'> {
  if (record === null) return { kind: null, symbol: null, bar: null, time: null }
  const { kind, symbol, time, step } = record
  // A claimed record may hold any number
  const inside = time >= window.start && time <= window.end
  const slot = inside ? slotOf(interval, time) - window.firstSlot - (step <= LAST_CLOSING_STEP ? 1 : 0) : null
  return { kind, symbol: symbols[symbol] ?? null, bar: slot, time: inside ? time : null }
}

function sameRecord([a, i]: readonly [Uint8Array, number], [b, j]: readonly [Uint8Array, number]): boolean {
  const [from, to] = [i * RECORD_BYTES, j * RECORD_BYTES]
  if (from + RECORD_BYTES > a.length || to + RECORD_BYTES > b.length) return false
  for (let at = 0; at < RECORD_BYTES; at += 1) if (a[from + at] !== b[to + at]) return false
  return true
}

/** The record that the bytes hold; null: none, or no readable one. */
export function decodeOne(bytes: Uint8Array | null): EngineRecord | null {
  if (bytes === null) return null
  try {
    return decodeRecords(bytes)[0] ?? null
  } catch (error) {
    if (error instanceof PlatformError) return null
    throw error
  }
}
