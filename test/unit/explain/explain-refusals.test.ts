import { describe, test } from 'vitest'
import type { EngineRecord } from '../../../src/backtest/records.ts'
import { explain } from './round-trip.ts'

const refuse = (reason: EngineRecord['reason']): Partial<EngineRecord> => ({ kind: 'refuse', reason, quantity: 1 })

describe('refusals of an explanation', () => {
  test('have the words of a policy of the user, by the index of their record', ({ expect }) => {
    const records = [refuse('risk'), { kind: 'admit', reason: 'none' } as const, refuse('risk'), refuse('capacity')]
    const { refusals } = explain(records, 4, undefined, { refusalTexts: new Map([[2, 'too much']]) })

    expect(refusals.map(({ detail }) => detail)).toEqual([null, 'too much', null])
  })

  test('are counted by their words, most frequent first, at most 10 of them for a reason', ({ expect }) => {
    const records = Array.from({ length: 90 }, () => refuse('risk'))
    // 'w0' once, 'w1' twice, …, 'w11' 12 times: 78 of the 90
    const words = Array.from({ length: 12 }, (_, i) => Array<string>(i + 1).fill(`w${i}`)).flat()
    const { refusalsByReason } = explain([...records, refuse('capacity')], 4, undefined, {
      refusalTexts: new Map(words.entries()),
    })

    expect(refusalsByReason).toEqual([
      {
        reason: 'risk',
        count: 90,
        details: Array.from({ length: 10 }, (_, i) => ({ text: `w${11 - i}`, count: 12 - i })),
      },
      { reason: 'capacity', count: 1, details: [] },
    ])
  })

  test('with words of one count are in the order of the words', ({ expect }) => {
    const texts = new Map(['b', 'c', 'a', '__proto__'].entries())
    const { refusalsByReason } = explain(Array(4).fill(refuse('risk')), 4, undefined, { refusalTexts: texts })

    expect(refusalsByReason[0]!.details.map(({ text }) => text)).toEqual(['__proto__', 'a', 'b', 'c'])
  })
})
