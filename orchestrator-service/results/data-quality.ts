import { lowerBound, type Window } from '../../src/backtest/window.ts'
import { matchDetail } from '../../src/candles/detail.ts'
import { slotOf, slotOpen } from '../../src/candles/interval.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { SymbolQuality } from '../../src/protocol/symbol-quality.ts'

/** What the candles of one symbol were like inside the window of a run; bars before and after its listing are no gap (T5). */
export function describeQuality(
  series: CandleSeries,
  window: Window,
  { instrument, detail }: { instrument: Instrument | null; detail: CandleSeries | null },
): SymbolQuality {
  const { interval, time, rows, volume } = series
  const first = lowerBound(time, rows, window.start)
  const bars = rows - first
  const flags: string[] = []
  if (instrument === null) flags.push('no_instrument')
  if (bars === 0) {
    const nothing = { bars: 0, firstOpen: null, lastClose: null, missing: 0, longestGap: 0, zeroVolume: 0 }
    return { symbol: series.symbol, lookbackBars: first, ...nothing, flags: [...flags, 'not_listed'] }
  }
  const shorter = detail === null ? {} : { detail: coverageOf(series, detail) }
  let missing = 0
  let longestGap = 0
  let zeroVolume = 0
  let previous = slotOf(interval, time[first]!)
  for (let row = first; row < rows; row++) {
    if (volume[row] === 0) zeroVolume++
    if (row === first) continue
    const slot = slotOf(interval, time[row]!)
    const gap = slot - previous - 1
    missing += gap
    if (gap > longestGap) longestGap = gap
    previous = slot
  }
  if (time[first]! > window.start) flags.push('listed_late')
  if (previous + 1 < window.endSlot) flags.push('ended_early')
  if (missing > 0) flags.push('synthetic')
  if (zeroVolume === bars) flags.push('no_volume')
  return {
    symbol: series.symbol,
    bars,
    lookbackBars: first,
    firstOpen: time[first]!,
    lastClose: slotOpen(interval, previous + 1),
    missing,
    longestGap,
    zeroVolume,
    flags,
    ...shorter,
  }
}

function coverageOf(series: CandleSeries, detail: CandleSeries): NonNullable<SymbolQuality['detail']> {
  const { covered, differing } = matchDetail(series, detail)
  return { interval: detail.interval, rows: detail.rows, covered, differing }
}
