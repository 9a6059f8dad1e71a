/** One symbol of a unit: its hidden columns, what of them is shown so far, and the frame through which a strategy reads it. */
import type { Interval } from '../../src/candles/interval.ts'
import { countSlots } from '../../src/candles/resample.ts'
import { CANDLE_COLUMNS } from '../../src/candles/series.ts'
import type { CandleColumns, Frame } from '../../src/strategies/decision-types.ts'
import { createColumns, type RevealedColumns } from './columns.ts'
import { buildFrame } from './frames.ts'
import { HigherBars } from './higher.ts'
import { createIndicators, type RevealedIndicators } from './indicators.ts'
import type { UnitJob, UnitSymbol } from './wire.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export interface SymbolFeed {
  readonly source: UnitSymbol
  readonly hidden: CandleColumns
  readonly columns: RevealedColumns
  readonly indicators: RevealedIndicators
  readonly frame: Mutable<Frame>
  /** By interval, those that are declared or that an indicator is taken of. */
  readonly higher: readonly HigherBars[]
  /** Shows all rows up to `row`; `onRow` is told each. */
  reveal(row: number, onRow?: (row: number) => void): void
  /** `now` has come: higher bars that end by then close. */
  expire(now: number): void
}

function viewColumns(memory: SharedArrayBuffer, source: UnitSymbol): CandleColumns {
  const columns = { __proto__: null } as unknown as Mutable<CandleColumns>
  CANDLE_COLUMNS.forEach((name, i) => {
    columns[name] = new Float64Array(memory, source.offsets[i], source.capacity)
  })
  return columns
}

export function createFeed(job: UnitJob, source: UnitSymbol, memory: SharedArrayBuffer): SymbolFeed {
  const hidden = viewColumns(memory, source)
  const columns = createColumns(hidden, job.length)
  const higher: HigherBars[] = []
  const higherOf = (interval: string): HigherBars => {
    let found = higher.find((one) => one.interval === interval)
    if (found === undefined) {
      const first = source.firstInWindow > 0 ? hidden.time[0]! : job.start
      const length = countSlots(interval as Interval, first, job.end)
      found = new HigherBars({ hidden, base: job.interval, interval: interval as Interval, length })
      higher.push(found)
    }
    return found
  }
  const specs = job.indicators.filter(({ symbol }) => symbol === null || symbol === source.symbol)
  const indicators = createIndicators(specs, { hidden, source, length: job.length, higherOf })
  for (const interval of job.intervals) higherOf(interval)
  const frame = buildFrame(columns.columns, { index: -1, fresh: true, indicators: indicators.views }) as Mutable<Frame>
  let next = 0
  return {
    source,
    hidden,
    columns,
    indicators,
    frame,
    higher,
    reveal(row, onRow) {
      for (let at = next; at <= row; at++) {
        onRow?.(at)
        for (let i = 0; i < higher.length; i++) higher[i]!.take(at)
        if (!indicators.isEmpty) indicators.show(at)
        columns.show(at)
      }
      next = row + 1
    },
    expire(now) {
      for (let i = 0; i < higher.length; i++) higher[i]!.expire(now)
    },
  }
}
