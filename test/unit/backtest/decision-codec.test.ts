import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  decodeDecisionLog,
  encodeDecisionLog,
  mergeDecisionLogs,
  packDecisions,
  unpackDecisions,
} from '../../../src/backtest/decision-codec.ts'
import { ENTRY_TYPES, INTENTS, type DecisionRow } from '../../../src/backtest/decision-log.ts'
import type { DecisionLogDocument } from '../../../src/protocol/runner-result.ts'

const positive = fc.double({ min: Number.MIN_VALUE, max: 1e300, noNaN: true })
const optional = { requiredKeys: ['unit', 'bar', 'symbol', 'sequence', 'signal'] as const }

const row = fc.record(
  {
    unit: fc.nat(499),
    bar: fc.nat(1_000_000),
    symbol: fc.nat(499),
    sequence: fc.nat(999),
    signal: fc.constantFrom('BUY' as const, 'SELL' as const),
    intent: fc.constantFrom(...INTENTS.slice(1)),
    entryType: fc.constantFrom(...ENTRY_TYPES.slice(1)),
    size: positive,
    entryPrice: positive,
    tpPct: positive,
    slPrice: positive,
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    rank: fc.double({ noNaN: true, noDefaultInfinity: true }),
    meta: fc.string({ maxLength: 40 }),
    strategyName: fc.constantFrom('a', 'b', 'ä'),
    executor: fc.constantFrom('iceberg', 'at open'),
  },
  { requiredKeys: [...optional.requiredKeys] },
) as fc.Arbitrary<DecisionRow>

function documentOf(rows: readonly DecisionRow[]): DecisionLogDocument {
  return structuredClone(encodeDecisionLog(packDecisions(rows)))
}

describe('decision codec', () => {
  test('carries any name that an executor may have, and refuses a text without end', ({ expect }) => {
    const of = (executor: string) => documentOf([{ unit: 0, bar: 3, symbol: 0, sequence: 0, signal: 'BUY', executor }])
    const widest = '\u{1f9ca}'.repeat(64)

    expect(decodeDecisionLog(of(widest)).strings).toEqual([widest])
    expect(() => decodeDecisionLog(of('x'.repeat(1025)))).toThrow(expect.objectContaining({ code: 'protocol' }))
  })

  test('gives back every row after packing, encoding and decoding', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const decoded = decodeDecisionLog(documentOf(rows))

        expect(unpackDecisions(decoded)).toEqual(rows)
      }),
      { numRuns: 300 },
    )
  })

  test('merging logs keeps all rows in their order', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 8 }), { maxLength: 5 }), (logs) => {
        const merged = mergeDecisionLogs(logs.map((rows) => packDecisions(rows)))

        expect(unpackDecisions(merged)).toEqual(logs.flat())
      }),
      { numRuns: 200 },
    )
  })

  const good: DecisionRow = { unit: 0, bar: 3, symbol: 0, sequence: 0, signal: 'BUY', size: 1, meta: '{}' }
  const damage: [string, (document: DecisionLogDocument) => void][] = [
    ['a column that is too short', (d) => void (d.bar = '')],
    ['a column that is no base64', (d) => void (d.bar = '!!!!!!!!')],
    ['white space in base64', (d) => void (d.unit = `${d.unit.slice(0, 4)}\n${d.unit.slice(5)}`)],
    ['a signal out of range', (d) => void (d.signal = 'Bw==')],
    ['a unit out of range', (d) => void (d.unit = '9AEAAA==')],
    ['an unknown field', (d) => void (d.fields[0]!.name = 'price')],
    ['a field twice', (d) => void d.fields.unshift(d.fields[0]!)],
    ['a field that no row sets', (d) => void (d.fields[0]!.bytes = 'AAAAAAAA+H8=')],
    ['a size of 0', (d) => void (d.fields[0]!.bytes = 'AAAAAAAAAAA=')],
    ['an infinite size', (d) => void (d.fields[0]!.bytes = 'AAAAAAAA8H8=')],
    ['a text index beyond the table', (d) => void (d.fields[1]!.bytes = 'AgAAAA==')],
    ['meta that is too long', (d) => void (d.strings[0] = 'x'.repeat(1025))],
    ['more rows than allowed', (d) => void (d.rows = 1_000_001)],
  ]
  for (const [name, apply] of damage) {
    test(`refuses ${name}`, ({ expect }) => {
      const document = documentOf([good])
      apply(document)

      expect(() => decodeDecisionLog(document)).toThrow(expect.objectContaining({ code: 'protocol' }))
    })
  }
})
