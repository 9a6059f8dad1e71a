import { fillsOf, flat, refusalsOf, runOf, tau, type RuleCase } from './rule-case.ts'

/** F1, F2, F3: market, limit and stop orders. */
export const FILL_CASES: RuleCase[] = [
  {
    rule: 'F1',
    title: 'a market order fills at the open of the next real bar plus slippage',
    negative: false,
    run({ expect, play }) {
      const input = runOf({ bars: [flat(10), [20, 25, 15, 22]], bps: 50, decisions: [{ bar: 0, signal: 'BUY' }] })

      // 20 * 1.005 = 20.1
      expect(fillsOf(play(input).records)).toMatchObject([
        { rule: 'F1', gross: 20, price: 20 * (1 + 50 / 10_000), liquidity: 'taker', orderType: 'market', time: tau(1) },
      ])
    },
  },
  {
    rule: 'F1',
    title: 'a market order never fills in the bar of its decision, nor in a bar without volume',
    negative: true,
    run({ expect, play }) {
      const input = runOf({ bars: [flat(10), flat(11, 0)], decisions: [{ bar: 0, signal: 'BUY' }] })

      expect(play(input).records).toEqual([])
    },
  },
  {
    rule: 'F2',
    title: 'a limit at or over the open of its first bar fills there as taker, slippage clamped to the limit',
    negative: false,
    run({ expect, play }) {
      const decisions = [{ bar: 0, signal: 'BUY' as const, entryPrice: 10 }]
      const near = runOf({ bars: [flat(10), flat(9.99)], bps: 50, decisions })
      const far = runOf({ bars: [flat(10), flat(9)], bps: 50, decisions })

      // 9.99 * 1.005 = 10.03995 > 10 -> 10; 9 * 1.005 = 9.045 <= 10.
      expect(fillsOf(play(near).records)).toMatchObject([{ rule: 'F2', gross: 9.99, price: 10, liquidity: 'taker' }])
      expect(fillsOf(play(far).records)).toMatchObject([{ gross: 9, price: 9 * (1 + 50 / 10_000), liquidity: 'taker' }])
    },
  },
  {
    rule: 'F2',
    title: 'a resting limit fills at its price as maker when a later low is under it',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 10, 7.5, 10], flat(10)],
        bps: 50,
        fee: { maker: 0.001, taker: 0.01 },
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 8 }],
      })

      expect(fillsOf(play(input).records)).toMatchObject([
        { rule: 'F2', gross: 8, price: 8, fee: 8 * 0.001, liquidity: 'maker', step: 7, time: tau(2) },
      ])
    },
  },
  {
    rule: 'F2',
    title: 'strict: a low that only touches the limit does not fill it; touch fills it',
    negative: true,
    run({ expect, play }) {
      const sketch = {
        bars: [flat(10), flat(10), [10, 10, 8, 10] as [number, number, number, number], flat(10)],
        decisions: [{ bar: 0, signal: 'BUY' as const, entryPrice: 8 }],
      }

      const strict = play(runOf(sketch))
      const touch = play(runOf({ ...sketch, execution: { limitTouch: 'touch' } }))

      expect(fillsOf(strict.records)).toEqual([])
      expect(fillsOf(touch.records)).toMatchObject([{ price: 8, time: tau(2) }])
    },
  },
  {
    rule: 'F2',
    title: 'penetrate_ticks=2 asks for a low two ticks under the limit',
    negative: true,
    run({ expect, play }) {
      const sketch = {
        bars: [
          flat(10),
          flat(10),
          [10, 10, 7.9, 10] as [number, number, number, number],
          [10, 10, 7.8, 10] as [number, number, number, number],
        ],
        instrument: { tick: '0.1' },
        execution: { limitTouch: 'penetrate_ticks=2' },
        decisions: [{ bar: 0, signal: 'BUY' as const, entryPrice: 8 }],
      }

      // 8 - 2 * 0.1 = 7.8: not the low 7.9 of bar 2, but that of bar 3.
      expect(fillsOf(play(runOf(sketch)).records)).toMatchObject([{ price: 80 * 0.1, time: tau(3) }])
    },
  },
  {
    rule: 'F2',
    title: 'an open under a resting limit fills at the limit after a contiguous bar, at the open after a break',
    negative: false,
    run({ expect, play }) {
      const decisions = [{ bar: 0, signal: 'BUY' as const, entryPrice: 8 }]

      const contiguous = play(runOf({ bars: [flat(10), flat(10), flat(6)], decisions }))
      const broken = play(runOf({ bars: [flat(10), flat(10), null, flat(6)], decisions }))

      expect(fillsOf(contiguous.records)).toMatchObject([{ gross: 8, price: 8, liquidity: 'maker', step: 6 }])
      expect(fillsOf(broken.records)).toMatchObject([{ gross: 6, price: 6, liquidity: 'maker', step: 6 }])
    },
  },
  {
    rule: 'F2',
    title: 'a take profit is a resting limit: passed by the open it fills at its level, without slippage',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(15)],
        bps: 50,
        decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12 }],
      })

      expect(fillsOf(play(input).records).slice(1)).toMatchObject([
        { reason: 'take_profit', rule: 'F2', gross: 12, price: 12, step: 4, order: 0, lot: 1, decision: 1 },
      ])
    },
  },
  {
    rule: 'F2',
    title: 'strict: a high that only touches the take profit does not sell',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 12, 10, 11], [11, 12.1, 11, 11]],
        decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12 }],
      })

      expect(fillsOf(play(input).records).slice(1)).toMatchObject([{ price: 12, time: tau(3), path: 'O-H-L-C' }])
    },
  },
  {
    rule: 'F3',
    title: 'a buy stop is triggered by a touch and fills at its price plus slippage',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [10, 12, 10, 11], flat(11)],
        bps: 100,
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 12 }],
      })

      expect(fillsOf(play(input).records)).toMatchObject([
        { rule: 'F3', gross: 12, price: 12 * (1 + 100 / 10_000), step: 7, liquidity: 'taker', orderType: 'stop' },
      ])
    },
  },
  {
    rule: 'F3',
    title: 'a buy stop passed by the open fills at the open: max(open, S)',
    negative: false,
    run({ expect, play }) {
      const input = runOf({ bars: [flat(10), flat(14)], decisions: [{ bar: 0, signal: 'BUY', entryPrice: 12 }] })

      expect(fillsOf(play(input).records)).toMatchObject([{ rule: 'F3', gross: 14, price: 14, step: 6 }])
    },
  },
  {
    rule: 'F3',
    title: 'a high just under the stop triggers nothing',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [10, 11.999, 10, 11], flat(11)],
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 12 }],
      })

      expect(fillsOf(play(input).records)).toEqual([])
    },
  },
  {
    rule: 'F3',
    title: 'a stop loss is never filled better than the open: a gap under it costs the gap',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [6, 9.5, 6, 9]],
        bps: 100,
        decisions: [{ bar: 0, signal: 'BUY', size: 2, slPrice: 9 }],
      })

      // Bought at 10.1; min(open 6, SL 9) = 6, less 1 %: 5.94. Realised 2 * (5.94 - 10.1) = -8.32.
      const price = 6 * (1 - 100 / 10_000)
      const entry = 10 * (1 + 100 / 10_000)
      expect(fillsOf(play(input).records).slice(1)).toMatchObject([
        { reason: 'stop_loss', rule: 'F3', gross: 6, price, step: 4, realised: 2 * (price - entry) },
      ])
      expect(2 * (price - entry)).toBeCloseTo(-8.32, 12)
    },
  },
  {
    rule: 'F7',
    title: 'an entry whose open lies at or beyond its own bracket is refused bracket_passed',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(12), flat(12)],
        decisions: [{ bar: 0, signal: 'BUY', tpPrice: 12 }],
      })

      const { records } = play(input)

      expect(refusalsOf(records)).toMatchObject([{ reason: 'bracket_passed', order: 1, step: 6, time: tau(1) }])
      expect(fillsOf(records)).toEqual([])
    },
  },
]
