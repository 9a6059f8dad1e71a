import { lowerBound, type Window } from '../backtest/window.ts'
import { formatUtc } from './format-time.ts'
import { slotOf, slotOpen, type Interval } from './interval.ts'
import type { CandleSeries } from './series.ts'

/** Missing bars in a row: open of the first, close of the last one (ms UTC), and how many. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly bars: number
}

/** What T5 asks of one symbol, for bars in the window only. Times are ms UTC. */
export interface GapReport {
  readonly ok: true
  readonly symbol: string
  /** Bars that the calendar expects between the first and the last real bar. */
  readonly expected: number
  readonly real: number
  /** Missing bars between them: each is a synthetic bar of the run. */
  readonly synthetic: { readonly count: number; readonly share: number }
  readonly longest: Gap | null
  readonly gapCount: number
  /** The first MAX_GAPS_LISTED gaps in order of time; `gapCount` counts all. */
  readonly gaps: readonly Gap[]
  /** Open of the first bar in the window, close of the last one; null without a bar. */
  readonly listed: number | null
  readonly ended: number | null
  /** Bars of the window before `listed` and after `ended`: they are no gaps. */
  readonly notListedBefore: number
  readonly endedAfter: number
  /** Real bars with volume 0. */
  readonly zeroVolume: number
  readonly lookbackBars: number
}

export interface GapRefusal {
  readonly ok: false
  readonly symbol: string
  readonly range: { readonly from: number; readonly to: number }
  /** Missing bars: all of them for a share, those of the longest gap otherwise. */
  readonly count: number
  readonly message: string
}

export interface GapLimits {
  readonly gaps: 'mark' | 'refuse'
  readonly maxSyntheticShare: number
  /** Most bars that one gap may have. */
  readonly maxGapBars: number
}

export const MAX_GAPS_LISTED = 1000

/** Gaps between the rows `from` (inclusive) and `to` (exclusive) of an ascending, on-grid series. */
export function findGaps(
  series: CandleSeries,
  from: number,
  to: number,
): { count: number; missing: number; gaps: Gap[]; longest: Gap | null } {
  const gaps: Gap[] = []
  let count = 0
  let missing = 0
  let longest: Gap | null = null
  for (let row = from + 1; row < to; row++) {
    const before = slotOf(series.interval, series.time[row - 1]!)
    const bars = slotOf(series.interval, series.time[row]!) - before - 1
    if (bars <= 0) continue
    const gap = { from: slotOpen(series.interval, before + 1), to: series.time[row]!, bars }
    count++
    missing += bars
    if (longest === null || bars > longest.bars) longest = gap
    if (gaps.length < MAX_GAPS_LISTED) gaps.push(gap)
  }
  return { count, missing, gaps, longest }
}

/** Gaps of a whole series on the 24/7 calendar, as import and check report them. */
export interface GapSummary {
  readonly count: number
  readonly missing: number
  readonly longest: Gap | null
}

export function summariseGaps(series: CandleSeries): GapSummary {
  const { count, missing, longest } = findGaps(series, 0, series.rows)
  return { count, missing, longest }
}

/** Close (ms UTC) of the bar that opens at `open`. */
export function closeOf(interval: Interval, open: number): number {
  return slotOpen(interval, slotOf(interval, open) + 1)
}

/**
 * T5 for one symbol on the 24/7 calendar: bars missing between its first and last bar in the window. `series` holds the
 * loaded rows (lookback and window). A refusal names the symbol, the range and the count.
 */
export function checkGaps(series: CandleSeries, window: Window, limits: GapLimits): GapReport | GapRefusal {
  const { symbol, interval } = series
  const from = lowerBound(series.time, series.rows, window.start)
  const to = lowerBound(series.time, series.rows, window.end)
  if (to <= from) return withoutBars(symbol, window, from)
  const found = findGaps(series, from, to)
  const first = slotOf(interval, series.time[from]!)
  const last = slotOf(interval, series.time[to - 1]!)
  const expected = last - first + 1
  const share = found.missing / expected
  const refusal = refuse(series, { from, to }, { ...found, expected, share, limits })
  if (refusal !== null) return refusal
  let zeroVolume = 0
  for (let row = from; row < to; row++) if (series.volume[row] === 0) zeroVolume++
  return {
    ok: true,
    symbol,
    expected,
    real: to - from,
    synthetic: { count: found.missing, share },
    longest: found.longest,
    gapCount: found.count,
    gaps: found.gaps,
    listed: series.time[from]!,
    ended: slotOpen(interval, last + 1),
    notListedBefore: first - window.firstSlot,
    endedAfter: window.endSlot - last - 1,
    zeroVolume,
    lookbackBars: from,
  }
}

function withoutBars(symbol: string, window: Window, lookbackBars: number): GapReport {
  return {
    ok: true,
    symbol,
    expected: 0,
    real: 0,
    synthetic: { count: 0, share: 0 },
    longest: null,
    gapCount: 0,
    gaps: [],
    listed: null,
    ended: null,
    notListedBefore: lookbackBars > 0 ? 0 : window.endSlot - window.firstSlot,
    endedAfter: lookbackBars > 0 ? window.endSlot - window.firstSlot : 0,
    zeroVolume: 0,
    lookbackBars,
  }
}

function refuse(
  series: CandleSeries,
  rows: { from: number; to: number },
  found: { missing: number; longest: Gap | null; expected: number; share: number; limits: GapLimits },
): GapRefusal | null {
  const { symbol, interval } = series
  const { longest, missing, expected, share, limits } = found
  if (longest === null) return null
  const answer = (range: { from: number; to: number }, count: number, allowed: string): GapRefusal => {
    const where = `from ${formatUtc(range.from)} to ${formatUtc(range.to)}`
    const message = `Cannot use ${interval} candles of "${symbol}": ${count} bars are missing ${where}, expected ${allowed}`
    return { ok: false, symbol, range: { from: range.from, to: range.to }, count, message }
  }
  if (limits.gaps === 'refuse') return answer(longest, longest.bars, 'no gap at all (data.gaps refuse)')
  if (longest.bars > limits.maxGapBars)
    return answer(longest, longest.bars, `at most ${limits.maxGapBars} in one gap (data.maxGapBars)`)
  if (share <= limits.maxSyntheticShare) return null
  const range = { from: series.time[rows.from]!, to: closeOf(interval, series.time[rows.to - 1]!) }
  const allowed = `at most ${Math.floor(limits.maxSyntheticShare * expected)} of ${expected} (data.maxSyntheticShare ${limits.maxSyntheticShare})`
  return answer(range, missing, allowed)
}
