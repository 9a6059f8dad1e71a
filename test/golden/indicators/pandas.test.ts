import { readFileSync } from 'node:fs'
import { describe, it } from 'vitest'
import {
  INDICATOR_OUTPUTS,
  INDICATOR_KINDS,
  type IndicatorKind,
  type IndicatorSource,
} from '../../../src/indicators/catalogue.ts'
import type { FlatJson } from '../../../src/protocol/run-config.ts'
import { runIndicator } from '../../support/run-indicator.ts'

interface Golden {
  readonly columns: Readonly<Record<'open_time' | IndicatorSource, readonly number[]>>
  readonly cases: readonly {
    readonly kind: IndicatorKind
    readonly params: FlatJson
    readonly source: IndicatorSource | null
    readonly outputs: Readonly<Record<string, readonly (number | null)[]>>
  }[]
}

const golden = JSON.parse(readFileSync(new URL('btcusdt-1d-2024.json', import.meta.url), 'utf8')) as Golden
const { open_time: time, ...rest } = golden.columns
const columns = { time, ...rest }

describe('indicators and pandas agree', () => {
  for (const { kind, params, source, outputs } of golden.cases) {
    it(`on ${kind} ${JSON.stringify(params)} of ${source ?? 'close'}`, ({ expect }) => {
      const found = runIndicator({ kind, params, source: source ?? 'close', columns })

      INDICATOR_OUTPUTS[kind].forEach((name, k) => {
        const wanted = outputs[name]!
        const largest = Math.max(...wanted.map((value) => Math.abs(value ?? 0)))
        wanted.forEach((value, row) => {
          const own = found[k]![row]!
          if (value === null) expect(own, `${name} ${row}`).toBeNaN()
          else expect(Math.abs(own - value), `${name} ${row}`).toBeLessThanOrEqual(1e-9 * largest)
        })
      })
    })
  }

  it('on every kind', ({ expect }) => {
    expect(new Set(golden.cases.map((one) => one.kind))).toEqual(new Set(INDICATOR_KINDS))
  })
})
