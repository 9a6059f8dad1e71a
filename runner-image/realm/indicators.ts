/**
 * Theory of operation. Indicators are computed by our kernels over the hidden columns, a part of rows ahead at a time, into
 * memory that no object of user code leads to; before each call the value of the bar that has just closed is copied from
 * there into the strategy's own column, whose other entries are NaN because they have not been written yet. A kernel never
 * reads what the strategy sees, so writing to a column changes only the strategy's view. Requests for the same kind,
 * parameters, source and interval share one kernel and one column. An indicator of a higher interval is computed bar by bar
 * as its bars close (higher.ts); the column holds at each base row the value of the last one.
 */
import { INDICATOR_OUTPUTS, type IndicatorSpec, makeIndicator } from '../../src/indicators/catalogue.ts'
import type { IndicatorKernel } from '../../src/indicators/kernel.ts'
import type { CandleColumns, IndicatorView } from '../../src/strategies/decision-types.ts'
import { allocate, unify } from './columns.ts'
import type { HigherBars } from './higher.ts'

/** Rows that are computed ahead: few, because their time counts as that of one bar. */
const PART_ROWS = 256

type View = Float64Array | Readonly<Record<string, Float64Array>>

/** The column of the strategy that follows a value of a higher interval. */
interface Follower {
  readonly column: Float64Array
  readonly latest: Float64Array
}

export interface RevealedIndicators {
  /** By id; a column, or columns by name of the output. */
  readonly views: Readonly<Record<string, IndicatorView>>
  readonly isEmpty: boolean
  /** Shows `row`, which follows the last one shown; higher bars that it closes have been taken. */
  show(row: number): void
}

interface Running {
  readonly kernel: IndicatorKernel
  readonly parts: readonly Float64Array[]
}

/** Indicators of one symbol: as many rows as `source` has, columns of `length` entries; `higherOf` gives its bars of an interval. */
export function createIndicators(
  specs: readonly IndicatorSpec[],
  options: {
    hidden: CandleColumns
    source: { readonly rows: number }
    length: number
    higherOf: (interval: string) => HigherBars
  },
): RevealedIndicators {
  const { hidden, source: symbol, length, higherOf } = options
  const running: Running[] = []
  const parts: Float64Array[] = []
  const shownColumns: Float64Array[] = []
  const followers: Follower[] = []
  const byContent = new Map<string, View>()
  const views: Record<string, IndicatorView> = {}
  for (const { id, kind, params, source, interval } of specs) {
    const content = JSON.stringify([kind, params, source, interval])
    let view = byContent.get(content)
    if (view === undefined) {
      const outputs = INDICATOR_OUTPUTS[kind]
      const columns = outputs.map(() => allocate(length))
      const make = (input: Readonly<Record<keyof CandleColumns, Float64Array>>): IndicatorKernel =>
        makeIndicator(kind, { params, input: { ...input, source: input[source ?? 'close'] } })
      if (interval === null) {
        const own = outputs.map(() => new Float64Array(PART_ROWS))
        running.push({ kernel: make(hidden), parts: own })
        parts.push(...own)
        shownColumns.push(...columns)
      } else {
        const latest = higherOf(interval).follow(make, outputs.length)
        columns.forEach((column, i) => followers.push({ column, latest: latest[i]! }))
      }
      view = columns.length === 1 ? columns[0]! : record(outputs, columns)
      byContent.set(content, view)
    }
    define(views, id, view)
  }
  const show = shower({ running, parts, shownColumns, source: symbol, followers })
  return { views: seal(views), isEmpty: byContent.size === 0, show }
}

function shower(options: {
  running: readonly Running[]
  parts: readonly Float64Array[]
  shownColumns: readonly Float64Array[]
  source: { readonly rows: number }
  followers: readonly Follower[]
}): (row: number) => void {
  const { running, parts, shownColumns, source, followers } = options
  const count = parts.length
  let base = 0
  let computed = count === 0 ? -1 : 0

  function compute(): void {
    const { rows } = source
    base = computed
    computed = base + PART_ROWS < rows ? base + PART_ROWS : rows
    const part = { from: base, to: computed, base }
    for (let i = 0; i < running.length; i++) running[i]!.kernel.advance(part, running[i]!.parts)
    for (let i = 0; i < count; i++) unify(parts[i]!, computed - base)
  }

  const [part0, part1, part2, part3] = parts
  const [column0, column1, column2, column3] = shownColumns
  return (row) => {
    if (row === computed) compute()
    const at = row - base
    // The first four by name: an element of an array of columns costs as much as the copy itself
    if (column0 !== undefined) column0[row] = part0![at]!
    if (column1 !== undefined) column1[row] = part1![at]!
    if (column2 !== undefined) column2[row] = part2![at]!
    if (column3 !== undefined) column3[row] = part3![at]!
    for (let i = 4; i < count; i++) shownColumns[i]![row] = parts[i]![at]!
    for (let i = 0; i < followers.length; i++) followers[i]!.column[row] = followers[i]!.latest[0]!
  }
}

/** No Object.prototype behind it, yet an object with a layout: one made with prototype null is slow to read. */
const NO_PROTOTYPE = Object.freeze({ __proto__: null })

function define(target: object, name: string, value: View): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: false, configurable: false })
}

function seal<T extends object>(target: T): T {
  return Object.freeze(Object.setPrototypeOf(target, NO_PROTOTYPE) as T)
}

function record(names: readonly string[], columns: readonly Float64Array[]): Readonly<Record<string, Float64Array>> {
  const target = {}
  names.forEach((name, i) => define(target, name, columns[i]!))
  return seal(target)
}
