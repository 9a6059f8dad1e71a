import { collectFindings, type FindingCollector } from './findings.ts'
import { formatUtc } from './format-time.ts'
import type { CandleSeries } from './series.ts'

/** What deserves a look but is stored (D). Gaps are judged apart, for each run (T5). */
export const WARNING_KINDS = ['no_volume', 'zero_volume', 'frozen', 'jump'] as const
export type WarningKind = (typeof WARNING_KINDS)[number]

export interface WarningOptions {
  /** A true range above this multiple of the average true range is a jump (A 10). */
  readonly atrMultiple?: number
  /** Runs of zero-volume or frozen bars from this length on are reported (A 5). */
  readonly runBars?: number
}

/** Bars over which the average true range is smoothed (Wilder). */
const ATR_BARS = 14
/** What a jump adds to the average, in averages: above 1, so that a lasting change is not reported for ever. */
const JUMP_WEIGHT = 2

interface Scan {
  readonly series: CandleSeries
  readonly bad: Uint8Array
  readonly rowOf: (index: number) => number
  readonly found: FindingCollector<WarningKind>
}

/** Warnings of a series; rows that are `bad` are left out, as if they were not there. */
export function scanWarnings(
  series: CandleSeries,
  options: { bad: Uint8Array; rowOf: (index: number) => number } & WarningOptions,
): FindingCollector<WarningKind> {
  const found = collectFindings<WarningKind>()
  const scan: Scan = { series, bad: options.bad, rowOf: options.rowOf, found }
  const runBars = options.runBars ?? 5
  if (isWithoutVolume(series, options.bad)) {
    found.add(options.rowOf(0), null, 'no_volume', () => 'no bar has a volume: this series has none')
  } else {
    scanRuns(scan, { runBars, kind: 'zero_volume', hit: (i) => series.volume[i] === 0 })
  }
  scanRuns(scan, { runBars, kind: 'frozen', hit: (i, previous) => isFrozen(series, i, previous) })
  scanJumps(scan, options.atrMultiple ?? 10)
  return found
}

/** No movement at all: the four prices are the last close. */
function isFrozen(series: CandleSeries, i: number, previous: number): boolean {
  const close = series.close[i]!
  const flat = series.open[i] === close && series.high[i] === close && series.low[i] === close
  return flat && (previous < 0 || series.close[previous] === close)
}

function scanRuns(
  { series, bad, rowOf, found }: Scan,
  options: { runBars: number; kind: 'zero_volume' | 'frozen'; hit: (index: number, previous: number) => boolean },
): void {
  let start = -1
  let length = 0
  let previous = -1
  const endRun = (): void => {
    const time = series.time[start]!
    const bars = length
    length = 0
    if (bars < options.runBars) return
    const what = options.kind === 'frozen' ? 'did not move at all' : 'have volume 0'
    found.add(rowOf(start), time, options.kind, () => `${bars} bars from ${formatUtc(time)} on ${what}`)
  }
  for (let i = 0; i < series.rows; i++) {
    if (bad[i] === 1) continue
    if (options.hit(i, previous)) {
      if (length === 0) start = i
      length++
    } else if (length > 0) endRun()
    previous = i
  }
  if (length > 0) endRun()
}

/** Whether rows are there and none of them has a volume. */
function isWithoutVolume(series: CandleSeries, bad: Uint8Array): boolean {
  let rows = 0
  for (let i = 0; i < series.rows; i++) {
    if (bad[i] === 1) continue
    if (series.volume[i] !== 0) return false
    rows++
  }
  return rows > 0
}

/**
 * Jumps: true range above k times Wilder's average true range of the bars before. Bars without movement do not lower the
 * average, and a jump hardly raises it, so that a bad print is found where it begins and where it ends.
 */
function scanJumps({ series, bad, rowOf, found }: Scan, multiple: number): void {
  let previous = -1
  let average = 0
  let seen = 0
  for (let i = 0; i < series.rows; i++) {
    if (bad[i] === 1) continue
    const high = series.high[i]!
    const low = series.low[i]!
    const last = previous < 0 ? series.open[i]! : series.close[previous]!
    const range = Math.max(high, last) - Math.min(low, last)
    previous = i
    if (range === 0) continue
    const jump = seen >= ATR_BARS && range > multiple * average
    if (jump) {
      const times = Math.round(range / average)
      found.add(
        rowOf(i),
        series.time[i]!,
        'jump',
        () => `the bar moves from ${last} into [${low}, ${high}]: ${times} times the average true range`,
      )
    }
    const capped = jump ? JUMP_WEIGHT * average : range
    average = seen < ATR_BARS ? (average * seen + range) / (seen + 1) : (average * (ATR_BARS - 1) + capped) / ATR_BARS
    seen++
  }
}
