import {
  INDICATOR_OUTPUTS,
  type IndicatorKind,
  type IndicatorSource,
  makeIndicator,
  resolveIndicatorParams,
} from '../../src/indicators/catalogue.ts'
import type { FlatJson } from '../../src/protocol/run-config.ts'

export type PlainColumns = Readonly<Record<'time' | IndicatorSource, ArrayLike<number>>>

/** Outputs of an indicator over all rows, taken in parts of `block` rows (A all at once), as a worker or a realm does. */
export function runIndicator(options: {
  kind: IndicatorKind
  params?: FlatJson
  source?: IndicatorSource
  columns: PlainColumns
  block?: number
}): Float64Array[] {
  const { kind, params: given = {}, source = 'close', columns } = options
  const resolved = resolveIndicatorParams(kind, new Map(Object.entries(given)))
  if ('problem' in resolved) throw new Error(resolved.problem)
  const of = (name: 'time' | IndicatorSource) => Float64Array.from(columns[name])
  const input = {
    time: of('time'),
    high: of('high'),
    low: of('low'),
    close: of('close'),
    volume: of('volume'),
    source: of(source),
  }
  const rows = columns.close.length
  const { block = rows } = options
  const kernel = makeIndicator(kind, { params: resolved.params, input })
  const whole = INDICATOR_OUTPUTS[kind].map(() => new Float64Array(rows).fill(-12_345))
  for (let from = 0; from < rows; from += block) {
    const to = Math.min(rows, from + block)
    const parts = whole.map(() => new Float64Array(block))
    kernel.advance({ from, to, base: from }, parts)
    whole.forEach((out, k) => out.set(parts[k]!.subarray(0, to - from), from))
  }
  return whole
}
