import { describe, test } from 'vitest'
import { NO_ANSWERS } from '../../../src/backtest/answer-log.ts'
import { packDecisions } from '../../../src/backtest/decision-codec.ts'
import type { PlainData, UserCode } from '../../../src/backtest/user-port.ts'
import { batchQuestions, noteQuestions, type Question } from '../../../src/verification/questions.ts'

const answering = (answer: PlainData): UserCode => ({ at() {}, ask: () => answer, finish: () => NO_ANSWERS })

const questionsAt = (...slots: number[]): Question[] =>
  slots.map((slot, i) => ({ slot, time: slot, port: 'sizing', args: `[${i}]`, answer: '1', decisions: 0 }))

const sizes = (questions: Question[], options: { cut: number; room: number }): number[] =>
  batchQuestions(questions, options).map((batch) => batch.length)

describe('noteQuestions()', () => {
  test('notes instant, port, arguments and answer of each call, neutral ones too', ({ expect }) => {
    const { user, all } = noteQuestions(answering({ b: 1, a: [true] }))

    user.at(3, 30)
    user.ask('sizing', [{ z: 1, y: 2 }])
    user.ask('fee', [], { b: 1, a: [true] })
    user.at(4, 40)
    user.ask('sizing', [])

    const answer = '{"a":[true],"b":1}'
    expect(all()).toEqual([
      { slot: 3, time: 30, port: 'sizing', args: '[{"y":2,"z":1}]', answer, decisions: 0 },
      { slot: 3, time: 30, port: 'fee', args: '[]', answer, decisions: 0 },
      { slot: 4, time: 40, port: 'sizing', args: '[]', answer, decisions: 0 },
    ])
  })

  test('says that they are too many when they are over 32 MiB', ({ expect }) => {
    const { user, all } = noteQuestions(answering('x'.repeat(16 * 1_048_576 - 8)))

    user.ask('sizing', [])
    user.ask('sizing', [])
    expect(all()).toHaveLength(2)
    user.ask('sizing', [])
    user.ask('sizing', [])

    expect(all()).toBe(null)
  })
})

describe('noteQuestions() of a portfolio strategy', () => {
  test('notes what it was shown, and what it did', ({ expect }) => {
    const done = packDecisions([{ unit: 0, bar: 7, symbol: 0, sequence: 0, signal: 'BUY', size: 2, action: 'order' }])
    const { portfolio, all } = noteQuestions(answering(1), { onBar: ({ slot }) => (slot === 3 ? done : null) })
    const account = { positions: [], lots: [], orders: [] }

    portfolio!.onBar({ slot: 3, time: 30, equity: 100, cash: 90, account })
    portfolio!.onBar({ slot: 4, time: 40, equity: 101, cash: 90, account: null })

    const answer = '[{"action":"order","bar":7,"sequence":0,"signal":"BUY","size":2,"symbol":0,"unit":0}]'
    const args = '[100,90,{"positions":[],"lots":[],"orders":[]}]'
    expect(all()).toEqual([
      { slot: 3, time: 30, port: 'onBar', args, answer, decisions: 1 },
      { slot: 4, time: 40, port: 'onBar', args: '[101,90,null]', answer: 'null', decisions: 0 },
    ])
  })
})

describe('batchQuestions()', () => {
  test('asks what lies before the cut together, and what lies at it one by one', ({ expect }) => {
    expect(sizes(questionsAt(1, 1, 2, 5, 5, 5), { cut: 5, room: 100 })).toEqual([3, 1, 1, 1])
  })

  test('asks the 33rd of an instant and those behind it together', ({ expect }) => {
    const many = questionsAt(...Array<number>(40).fill(5))

    expect(sizes(many, { cut: 5, room: 100 })).toEqual([...Array<number>(32).fill(1), 8])
  })

  test('asks all of them together when there is no room left', ({ expect }) => {
    expect(sizes(questionsAt(4, 5, 5, 5), { cut: 5, room: 0 })).toEqual([4])
  })

  test('has at most 1,000 in a batch, and about 1 MiB', ({ expect }) => {
    const large = questionsAt(1, 1, 1).map((one) => ({ ...one, args: 'x'.repeat(600_000) }))

    expect(sizes(questionsAt(...Array<number>(2500).fill(1)), { cut: 5, room: 9 })).toEqual([1000, 1000, 500])
    expect(sizes(large, { cut: 5, room: 9 })).toEqual([1, 1, 1])
  })

  test('keeps the order, and leaves nothing out', ({ expect }) => {
    const questions = questionsAt(1, 2, 2, 5, 5)

    expect(batchQuestions(questions, { cut: 5, room: 1 }).flat()).toEqual(questions)
    expect(batchQuestions([], { cut: 5, room: 1 })).toEqual([])
  })
})
