import { describe, test } from 'vitest'
import { noteCalls } from '../../../orchestrator-service/results/verify/note-calls.ts'
import { NO_ANSWERS } from '../../../src/backtest/answer-log.ts'
import { packDecisions } from '../../../src/backtest/decision-codec.ts'
import type { DecisionRow } from '../../../src/backtest/decision-log.ts'
import { AnswerMismatch } from '../../../src/backtest/user-port.ts'
import { resolveWindow } from '../../../src/backtest/window.ts'
import { makeRunConfig } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

const SERIES = makeWalk({ symbol: 'AAA', rows: 20 })
const CONFIG = makeRunConfig({ symbols: ['AAA'] })
const LOOKBACK = 5
const WINDOW = resolveWindow({
  interval: SERIES.interval,
  start: SERIES.time[0]!,
  end: 2 * SERIES.time[19]! - SERIES.time[18]!,
  lookback: 0,
  series: [],
})!

const order = (bar: number): DecisionRow => ({
  unit: 0,
  bar,
  symbol: 0,
  sequence: 0,
  signal: 'BUY',
  size: 1,
  action: 'order',
})

const noted = (rows: readonly DecisionRow[]) => {
  const run = { series: [SERIES], window: WINDOW, lookback: LOOKBACK, instruments: [null] }
  return noteCalls({ config: CONFIG, ...run }, packDecisions(rows), NO_ANSWERS)
}

describe('noteCalls()', () => {
  test('asks at each instant, and shows what changed', ({ expect }) => {
    const questions = noted([order(10)])!

    expect(questions.map(({ slot }) => slot)).toEqual(Array.from({ length: 14 }, (_, i) => i + 6))
    expect(questions.filter(({ decisions }) => decisions > 0).map(({ slot }) => slot)).toEqual([11])
    const accounts = questions.map(({ args }) => (JSON.parse(args) as unknown[])[2])
    expect(accounts[5]).toBe(null)
    expect(accounts[6]).toMatchObject({ positions: [{ symbol: 'AAA', quantity: 1 }] })
  })

  test('refuses decisions that onBar cannot have made', ({ expect }) => {
    const { action: _action, ...proposal } = order(10)

    expect(() => noted([order(3)])).toThrow(AnswerMismatch)
    expect(() => noted([proposal])).toThrow(AnswerMismatch)
  })
})
