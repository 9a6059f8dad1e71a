import { describe, test } from 'vitest'
import { csvChunks } from '../../../orchestrator-service/api/tables/table.ts'
import { decodeTable } from '../../../orchestrator-service/results/arrow-table.ts'
import { encodeRefusals } from '../../../orchestrator-service/results/run-tables.ts'
import type { Refusal } from '../../../src/backtest/explanation.ts'
import { decodeRefusals } from '../../support/decode-run-tables.ts'

const REFUSAL: Refusal = {
  time: 1_704_067_200_000,
  symbol: 'AAA',
  side: 'buy',
  step: 5,
  decision: 1,
  order: 0,
  reason: 'risk',
  quantity: 2,
  needed: 0,
  available: 0,
  detail: null,
}

const HOSTILE = ['__proto__', 'null', '0', ' ', '"a",b\r\n;c', '\u0000\u001b[2J', '\u202eevil', '💶'.repeat(100)]

describe('encodeRefusals()', () => {
  test('keeps the words of a policy of the user as they are, and none apart from some', ({ expect }) => {
    for (const details of [[null], HOSTILE, [null, ...HOSTILE, null, ...HOSTILE]]) {
      const refusals = details.map((detail) => ({ ...REFUSAL, detail }))

      expect(decodeRefusals(encodeRefusals(refusals))).toEqual(refusals)
    }
  })
})

describe('csvChunks()', () => {
  const cellOf = (word: string) => {
    const [header, cell, end] = [...csvChunks({ rows: 1, columns: { word: [word] } })].join('').split('\r\n')
    return [header, end].join('') === 'word' ? cell : null
  }

  test('writes no formula, whatever the spreadsheet takes for the end of a cell', ({ expect }) => {
    const cases: [word: string, cell: string][] = [
      ['=1+1', `'=1+1`],
      [' @x', `' @x`],
      ['＝1', `'＝1`],
      ['\t=1', `' =1`],
      ['a;=1', `a;'=1`],
      ['a; -1', `a;' -1`],
      ['a,"=1', `"a,""=1"`],
      ['a = 1; b - 2', 'a = 1; b - 2'],
    ]

    for (const [word, cell] of cases) expect(cellOf(word), word).toBe(cell)
  })

  test('writes control and direction characters out, and each row in one line', ({ expect }) => {
    expect(cellOf('a\r\nb\u001b[2J\u202e\u2028')).toBe('a\\u{d}\\nb\\u{1b}[2J\\u{202e}\\u{2028}')
    for (const word of HOSTILE)
      expect(cellOf(decodeTable(encodeRefusals([{ ...REFUSAL, detail: word }])).word('detail')[0]!)).not.toBeNull()
  })
})
