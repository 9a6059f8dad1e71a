import { collectFindings, type FindingCollector, type Findings } from './findings.ts'
import { formatUtc } from './format-time.ts'
import { closeOf } from './gaps.ts'
import { isOnGrid, type Interval } from './interval.ts'
import type { CandleSeries } from './series.ts'
import { guessTimeUnit } from './time-unit.ts'
import { scanWarnings, type WarningKind, type WarningOptions } from './quality-warnings.ts'

/** Why a row is refused (D). `unparsable` and `not_a_number` of a file are found by its reader. */
export const REJECTION_KINDS = [
  'unparsable',
  'not_a_number',
  'mixed_time_units',
  'bad_local_time',
  'off_grid',
  'duplicate_time',
  'non_ascending',
  'non_positive_price',
  'high_low',
  'negative_volume',
] as const
export type RejectionKind = (typeof REJECTION_KINDS)[number]

export interface QualityReport {
  readonly rejected: Findings<RejectionKind>
  readonly warnings: Findings<WarningKind>
  /** Every row is before the one above it: the file only needs to be reversed. */
  readonly descending: boolean
}

export interface QualityOptions extends WarningOptions {
  /** Number of row `index` for the findings (A index + 1). */
  readonly rowOf?: (index: number) => number
}

/**
 * The data rules (D) on a series: what makes a row unusable, and what deserves a look. Rows are judged independently, so
 * that one bad row does not taint the next; a row that is refused takes no part in the order of times or in the warnings.
 */
export function checkQuality(series: CandleSeries, options: QualityOptions = {}): QualityReport {
  const rowOf = options.rowOf ?? ((index: number): number => index + 1)
  const rejected = collectFindings<RejectionKind>()
  const bad = new Uint8Array(series.rows)
  checkTimes(series, { rejected, bad, rowOf })
  for (let i = 0; i < series.rows; i++) checkValues(series, i, { rejected, bad, rowOf })
  const descending = isDescending(series)
  const warnings = descending
    ? collectFindings<WarningKind>()
    : scanWarnings(series, { bad, rowOf, ...pickWarningOptions(options) })
  return { rejected: rejected.finish(), warnings: warnings.finish(), descending }
}

function pickWarningOptions(options: QualityOptions): WarningOptions {
  const { atrMultiple, runBars } = options
  return { ...(atrMultiple === undefined ? {} : { atrMultiple }), ...(runBars === undefined ? {} : { runBars }) }
}

interface Check {
  readonly rejected: FindingCollector<RejectionKind>
  readonly bad: Uint8Array
  readonly rowOf: (index: number) => number
}

function isDescending(series: CandleSeries): boolean {
  if (series.rows < 2) return false
  for (let i = 1; i < series.rows; i++) if (!(series.time[i]! < series.time[i - 1]!)) return false
  return true
}

/**
 * Order, duplicates and grid. When a row is not after the one before it, one of the two is out of place: if the next row
 * is not after the earlier one either, the earlier one was too far ahead and is the one refused.
 */
function checkTimes(series: CandleSeries, check: Check): void {
  const { time, rows, interval } = series
  let previous = -1
  let beforePrevious = -1
  for (let i = 0; i < rows; i++) {
    const t = time[i]!
    const problem = checkTime(t, interval)
    if (problem !== null) {
      refuse(check, { index: i, time: t, ...problem })
      continue
    }
    if (previous >= 0 && t <= time[previous]!) {
      const ahead = time[previous]!
      const fits = beforePrevious < 0 || t > time[beforePrevious]!
      const next = i + 1 < rows ? time[i + 1]! : Number.NaN
      if (
        t < ahead &&
        fits &&
        next > t &&
        next <= ahead &&
        checkTime(next, interval) === null &&
        !isDescending3(series, previous)
      ) {
        const message = (): string => `the time ${formatUtc(ahead)} is after those of the rows that follow it`
        refuse(check, { index: previous, time: ahead, kind: 'non_ascending', message })
        previous = i
        continue
      }
      refuseOrder(check, { index: i, time: t, previous: ahead })
      continue
    }
    beforePrevious = previous
    previous = i
  }
}

/** Whether the rows from `index` on fall: then the order is wrong altogether, not one row. */
function isDescending3(series: CandleSeries, index: number): boolean {
  const { time, rows } = series
  return index + 2 < rows && time[index]! > time[index + 1]! && time[index + 1]! > time[index + 2]!
}

function refuseOrder(check: Check, row: { index: number; time: number; previous: number }): void {
  const { index, time, previous } = row
  if (time === previous) {
    refuse(check, { index, time, kind: 'duplicate_time', message: () => `the time ${formatUtc(time)} is there twice` })
    return
  }
  const message = (): string =>
    `the time ${formatUtc(time)} is not after that of the row before, ${formatUtc(previous)}`
  refuse(check, { index, time, kind: 'non_ascending', message })
}

function checkTime(time: number, interval: Interval): { kind: RejectionKind; message: () => string } | null {
  if (!Number.isFinite(time)) return { kind: 'not_a_number', message: () => `the time is ${time}` }
  if (time > 0 && guessTimeUnit(time) === 'us') {
    return {
      kind: 'mixed_time_units',
      message: () => `the time ${time} looks like microseconds, expected milliseconds`,
    }
  }
  if (isOnGrid(interval, time)) return null
  const message = (): string => {
    const next = closeOf(interval, time)
    return `the time ${formatUtc(time)} is not the open of a ${interval} bar, the next one opens at ${formatUtc(next)}`
  }
  return { kind: 'off_grid', message }
}

function refuse(
  check: Check,
  finding: { index: number; time: number; kind: RejectionKind; message: () => string },
): void {
  check.bad[finding.index] = 1
  const time = Number.isFinite(finding.time) ? finding.time : null
  check.rejected.add(check.rowOf(finding.index), time, finding.kind, finding.message)
}

function checkValues(series: CandleSeries, index: number, check: Check): void {
  const open = series.open[index]!
  const high = series.high[index]!
  const low = series.low[index]!
  const close = series.close[index]!
  const volume = series.volume[index]!
  const ordered = open > 0 && low > 0 && close > 0 && high >= open && high >= close && low <= open && low <= close
  if (ordered && high < Infinity && volume >= 0 && volume < Infinity) return
  const time = series.time[index]!
  const add = (kind: RejectionKind, message: () => string): void => refuse(check, { index, time, kind, message })
  const values: [string, number][] = [
    ['open', open],
    ['high', high],
    ['low', low],
    ['close', close],
    ['volume', volume],
  ]
  const odd = values.find(([, value]) => !Number.isFinite(value))
  if (odd !== undefined) {
    add('not_a_number', () => `the ${odd[0]} is ${odd[1]}`)
    return
  }
  const flat = values.slice(0, 4).find(([, value]) => value <= 0)
  if (flat !== undefined) add('non_positive_price', () => `the ${flat[0]} is ${flat[1]}, expected a price above 0`)
  else if (high < low) add('high_low', () => `the high ${high} is below the low ${low}`)
  else if (!(high >= open && high >= close))
    add('high_low', () => `the high ${high} is below the open ${open} or close ${close}`)
  else if (!(low <= open && low <= close))
    add('high_low', () => `the low ${low} is above the open ${open} or close ${close}`)
  if (volume < 0) add('negative_volume', () => `the volume is ${volume}`)
}
