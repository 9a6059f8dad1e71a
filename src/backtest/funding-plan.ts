/*
 * Theory of operation: funding rows become events of slots before the run begins, in the order in which they are charged.
 */
import { fundingStamp, type FundingSeries } from '../candles/funding-series.ts'
import { slotOf, slotOpen } from '../candles/interval.ts'
import type { FundingSchedule, RunConfig } from '../protocol/run-config.ts'
import type { Window } from './window.ts'

/** A payment that is due in a slot. */
export interface FundingEvent {
  readonly symbol: number
  readonly slot: number
  /** The stamp lies inside the bar: charged before its path. */
  readonly isCoarse: boolean
  readonly isScheduled: boolean
  /** As published, and the instant at which it counts (ms UTC). */
  readonly time: number
  readonly stamp: number
  readonly rate: number
  readonly mark: number
}

/** Payments of a run in the order in which they are charged: by slot, opens first, then symbol, then time. */
export function planFunding(
  run: { readonly config: RunConfig; readonly window: Window },
  funding: readonly (FundingSeries | null)[],
): FundingEvent[] {
  const { config, window } = run
  const plan = config.perpetual!.funding
  const events: FundingEvent[] = []
  for (let symbol = 0; symbol < funding.length; symbol++) {
    const series = funding[symbol] ?? null
    const rows = series ?? (typeof plan === 'object' ? scheduledRows(plan, window) : null)
    if (rows === null || plan === 'none') continue
    for (let row = 0; row < rows.rows; row++) {
      const time = rows.time[row]!
      const stamp = fundingStamp(time)
      if (stamp < window.start || stamp >= window.end) continue
      const number = slotOf(config.interval, stamp)
      const isCoarse = slotOpen(config.interval, number) !== stamp
      const slot = number - window.firstSlot
      const [rate, mark] = [rows.rate[row]!, rows.mark[row]!]
      events.push({ symbol, slot, isCoarse, isScheduled: series === null, time, stamp, rate, mark })
    }
  }
  return events.sort(
    (a, b) => a.slot - b.slot || Number(a.isCoarse) - Number(b.isCoarse) || a.symbol - b.symbol || a.time - b.time,
  )
}

const HOUR = 3_600_000

function scheduledRows(plan: FundingSchedule, window: Window): Omit<FundingSeries, 'symbol'> {
  const step = plan.everyHours * HOUR
  const first = Math.ceil(window.start / step)
  const rows = Math.max(0, Math.ceil(window.end / step) - first)
  return {
    rows,
    time: Float64Array.from({ length: rows }, (_, i) => (first + i) * step),
    rate: new Float64Array(rows).fill(plan.rate),
    mark: new Float64Array(rows).fill(Number.NaN),
  }
}
