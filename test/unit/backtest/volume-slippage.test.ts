import { describe, test } from 'vitest'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { timelineInput } from '../../support/timeline-input.ts'
import { flat, runOf } from '../rules/rule-case.ts'

const slippage = { builtin: 'volume', params: { k: 0.1, maxPercent: 10 } }
const run = (volumes: readonly number[]) => {
  const symbols = volumes.map((volume) => [flat(10, volume), flat(10, volume)])
  const input = runOf({ symbols, policies: { slippage }, decisions: [] })
  return playTimeline(timelineInput(input, { interval: '1h', lookback: 0 }))
}

describe('slippage by volume', () => {
  test('is refused for a series without volume, by the name of its symbol (T5)', ({ expect }) => {
    expect(() => run([5, 0])).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: expect.stringContaining('on BBB: its candles have no volume'),
        errors: [expect.objectContaining({ pointer: '/slippage' })],
      }),
    )
  })

  test('runs where every series has volume', ({ expect }) => {
    expect(run([5, 1]).equity).toHaveLength(2)
  })
})
