/**
 * Theory of operation. Indicators are computed by our kernels over the hidden columns, a part of rows ahead at a time, into
 * memory that no object of user code leads to; before each call the value of the bar that has just closed is copied from
 * there into the strategy's own column, whose other entries are NaN because they have not been written yet. A kernel never
 * reads what the strategy sees, so writing to a column changes only the strategy's view. Requests for the same kind,
 * parameters and source share one kernel and one column.
 */
import { INDICATOR_OUTPUTS, type IndicatorSpec, makeIndicator } from '../../src/indicators/catalogue.ts'
import type { IndicatorKernel } from '../../src/indicators/kernel.ts'
import type { CandleColumns, IndicatorView } from '../../src/strategies/decision-types.ts'
import { allocate } from './columns.ts'

/** Rows that are computed ahead: few, because their time counts as that of one bar. */
const PART_ROWS = 256

type View = Float64Array | Readonly<Record<string, Float64Array>>

export interface RevealedIndicators {
  /** By id; a column, or columns by name of the output. */
  readonly views: Readonly<Record<string, IndicatorView>>
  /** Shows all rows up to `row`. */
  reveal(row: number): void
}

interface Running {
  readonly kernel: IndicatorKernel
  readonly parts: readonly Float64Array[]
}

/** Indicators of one symbol: `rows` loaded rows, columns of `length` entries. */
export function createIndicators(
  specs: readonly IndicatorSpec[],
  options: { hidden: CandleColumns; rows: number; length: number },
): RevealedIndicators {
  const { hidden, rows, length } = options
  const running: Running[] = []
  const parts: Float64Array[] = []
  const shownColumns: Float64Array[] = []
  const byContent = new Map<string, View>()
  const views: Record<string, IndicatorView> = {}
  for (const { id, kind, params, source } of specs) {
    const content = JSON.stringify([kind, params, source])
    let view = byContent.get(content)
    if (view === undefined) {
      const kernel = makeIndicator(kind, { params, input: { ...hidden, source: hidden[source ?? 'close'] } })
      const own = INDICATOR_OUTPUTS[kind].map(() => new Float64Array(PART_ROWS))
      const columns = own.map(() => allocate(length))
      running.push({ kernel, parts: own })
      parts.push(...own)
      shownColumns.push(...columns)
      view = columns.length === 1 ? columns[0]! : record(INDICATOR_OUTPUTS[kind], columns)
      byContent.set(content, view)
    }
    define(views, id, view)
  }
  return { views: seal(views), reveal: revealer({ running, parts, shownColumns, rows }) }
}

function revealer(options: {
  running: readonly Running[]
  parts: readonly Float64Array[]
  shownColumns: readonly Float64Array[]
  rows: number
}): (row: number) => void {
  const { running, parts, shownColumns, rows } = options
  const count = parts.length
  let next = 0
  let base = 0
  let computed = 0

  function compute(): void {
    base = computed
    computed = base + PART_ROWS < rows ? base + PART_ROWS : rows
    const part = { from: base, to: computed, base }
    for (let i = 0; i < running.length; i++) running[i]!.kernel.advance(part, running[i]!.parts)
  }

  const [part0, part1, part2, part3] = parts
  const [column0, column1, column2, column3] = shownColumns
  return (row) => {
    for (let shown = next; shown <= row; shown++) {
      if (shown === computed) compute()
      const at = shown - base
      // The first four by name: an element of an array of columns costs as much as the copy itself
      if (column0 !== undefined) column0[shown] = unified(part0![at]!)
      if (column1 !== undefined) column1[shown] = unified(part1![at]!)
      if (column2 !== undefined) column2[shown] = unified(part2![at]!)
      if (column3 !== undefined) column3[shown] = unified(part3![at]!)
      for (let i = 4; i < count; i++) shownColumns[i]![shown] = unified(parts[i]![at]!)
    }
    next = row + 1
  }
}

/** Which NaN arithmetic makes differs between processors, and a strategy could see its bits. */
function unified(value: number): number {
  return value === value ? value : Number.NaN
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
