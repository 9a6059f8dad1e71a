import { playTimeline } from '../../src/backtest/play-timeline.ts'
import { decodeRecords } from '../../src/backtest/record-stream.ts'
import type { RandomRun } from './random-runs.ts'
import type { ReferenceRecord } from './reference-engine-types.ts'
import { timelineInput } from './timeline-input.ts'

/** The first record or equity value in which phase 2 and the reference differ, in words; null: none. */
export function firstDifference(
  run: RandomRun,
  expected: { records: ReferenceRecord[]; equity: number[]; crossAmbiguous: number },
): string | null {
  const output = playTimeline(timelineInput(run.input, run))
  const records = decodeRecords(output.records)
  const length = Math.max(records.length, expected.records.length)
  for (let index = 0; index < length; index++) {
    const engine = records[index] as ReferenceRecord | undefined
    const reference = expected.records[index]
    const fields = differingFields(engine, reference)
    if (fields.length === 0) continue
    return [
      `seed ${run.seed}, record ${index} differs in ${fields.join(', ')}`,
      `engine:    ${JSON.stringify(engine)}`,
      `reference: ${JSON.stringify(reference)}`,
    ].join('\n')
  }
  if (output.recordCount !== expected.records.length) return `seed ${run.seed}: recordCount is ${output.recordCount}`
  if (output.crossAmbiguous !== expected.crossAmbiguous)
    return `seed ${run.seed}: ${output.crossAmbiguous} cross ambiguous bars`
  if (output.breach !== null) return `seed ${run.seed}: breach ${output.breach}`
  if (output.equity.length !== expected.equity.length) return `seed ${run.seed}: ${output.equity.length} equity values`
  const index = expected.equity.findIndex((value, i) => !Object.is(value + 0, output.equity[i]! + 0))
  if (index === -1) return null
  return `seed ${run.seed}, equity ${index}: engine ${output.equity[index]}, reference ${expected.equity[index]}`
}

function differingFields(engine: ReferenceRecord | undefined, reference: ReferenceRecord | undefined): string[] {
  if (engine === undefined || reference === undefined) return ['presence']
  const names = [...new Set([...Object.keys(engine), ...Object.keys(reference)])] as (keyof ReferenceRecord)[]
  return names.filter((name) => {
    const a = engine[name]
    const b = reference[name]
    if (typeof a === 'number' && typeof b === 'number') return !Object.is(a + 0, b + 0)
    return a !== b
  })
}
