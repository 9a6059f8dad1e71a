import { knobsOf, opens, toTick } from './reference-engine-rules.ts'
import type { Decided, ReferenceInput, Run, WorkingEntry } from './reference-engine-types.ts'

/** Bracket of the lot that an entry opens at the gross price `gross`: absolute prices, else percent of it. */
export function bracketOf(
  input: ReferenceInput,
  entry: WorkingEntry,
  gross: number,
): { tp: number | null; sl: number | null; trails: boolean } {
  const knobs = knobsOf(input, entry.symbol)
  const { tpPct, slPct } = entry.decided.row
  const isLong = opens(entry.decided) === 'long'
  const away = (percent: number, above: boolean): number =>
    above ? toTick(knobs, gross * (1 + percent / 100), 'up') : toTick(knobs, gross * (1 - percent / 100), 'down')
  const tp = tpPct === undefined ? entry.tp : away(tpPct, isLong)
  const sl = slPct === undefined ? entry.sl : away(slPct, !isLong)
  const trail = trailLevel(input, entry.decided, gross)
  if (trail === null) return { tp, sl, trails: false }
  if (sl !== null && (isLong ? sl >= trail : sl <= trail)) return { tp, sl, trails: false }
  return { tp, sl: trail, trails: true }
}

/** F5: the trailing stop at its distance from an extreme, on the tick. */
export function trailLevel(input: ReferenceInput, decided: Decided, extreme: number): number | null {
  const { row } = decided
  const knobs = knobsOf(input, row.symbol)
  if (row.trailPct === undefined && row.trailDistance === undefined) return null
  if (opens(decided) === 'long') {
    const level = row.trailPct === undefined ? extreme - row.trailDistance! : extreme * (1 - row.trailPct / 100)
    return toTick(knobs, level, 'down')
  }
  const level = row.trailPct === undefined ? extreme + row.trailDistance! : extreme * (1 + row.trailPct / 100)
  return toTick(knobs, level, 'up')
}

/** F6, bracketFrom: does the bracket of what an order of `type` entered in the bar of `born` act in the bar of `time`? */
export function bracketActs(
  input: ReferenceInput,
  entered: { type: WorkingEntry['type']; born: number; decided: Decided },
  time: number,
): boolean {
  if (time > entered.born) return true
  // F13: it entered nobody knows where in its bar.
  if (entered.decided.row.executor !== undefined) return false
  const from = input.config.execution.bracketFrom
  if (from === 'next_bar') return false
  return from === 'line' || entered.type === 'market'
}

/** F2, restingLimit: a limit that the open has passed fills at its price if it stood in the bar before and so may. */
export function fillsAtLimit(run: Run, symbol: number, k: number): boolean {
  if (run.input.config.execution.restingLimit === 'open') {
    run.input.onBranch?.('restingLimit open')
    return false
  }
  const stood = k > 0 && run.liveBar(symbol, k - 1) !== null
  if (!stood) run.input.onBranch?.('limit at the open after a break')
  return stood
}

/** A stop or stop_limit that waits for its trigger. */
export function isLevel(entry: WorkingEntry): boolean {
  return (entry.type === 'stop' && !entry.takes) || (entry.type === 'stop_limit' && entry.triggered === null)
}

/** A limit, or a stop_limit that triggered in an earlier bar. */
export function restsAt(entry: WorkingEntry, time: number): boolean {
  return entry.type === 'limit' || (entry.triggered !== null && entry.triggered < time)
}

export function restingLevel(entry: WorkingEntry): number {
  return entry.limit ?? entry.level
}
