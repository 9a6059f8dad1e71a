import { fillsOf, flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

const THREE_TIERS = [
  { floor: 0, cap: 50_000, mmr: 0.004, kappa: 0 },
  { floor: 50_000, cap: 250_000, mmr: 0.005, kappa: 0 },
  { floor: 250_000, cap: null, mmr: 0.01, kappa: 0 },
]

/** A position of `size` at 100,000 whose price then goes to `to`. */
function positionGoing(
  signal: 'BUY' | 'SELL',
  facts: { size: number; leverage: number; to: number; tiers?: typeof THREE_TIERS },
) {
  const { size, leverage, to, tiers } = facts
  const last: Row = [100_000, Math.max(100_000, to), Math.min(100_000, to), to]
  return runOf({
    bars: [flat(100_000), flat(100_000), last, flat(to)],
    cash: 100_000,
    perpetual: { leverage },
    ...(tiers === undefined ? {} : { tiers }),
    decisions: [{ bar: 0, signal, size }],
  })
}

/** L2, L3, L4: liquidation of isolated positions and of a cross margin account. */
export const LIQUIDATION_CASES: RuleCase[] = [
  {
    rule: 'L2',
    title: 'long 1 BTC at 100,000 with 20x and 0.4 % is liquidated at 95,381.53, short at 104,581.67',
    negative: false,
    run({ expect, play }) {
      const long = play(positionGoing('BUY', { size: 1, leverage: 20, to: 95_381 }))
      const short = play(positionGoing('SELL', { size: 1, leverage: 20, to: 104_582 }))

      // (5000 - 100000) / (0.004 - 1), (5000 + 100000) / (0.004 + 1)
      expect(long.records.find(({ kind }) => kind === 'liquidate')!.gross).toBeCloseTo(95_381.53, 2)
      expect(short.records.find(({ kind }) => kind === 'liquidate')!.gross).toBeCloseTo(104_581.67, 2)
    },
  },
  {
    rule: 'L2',
    title: 'the tier is that of the notional at the liquidation price: 90,432.9339 long 2.6, 109,447.1947 short 2.4',
    negative: false,
    run({ expect, play }) {
      const long = play(positionGoing('BUY', { size: 2.6, leverage: 10, to: 90_000, tiers: THREE_TIERS }))
      const short = play(positionGoing('SELL', { size: 2.4, leverage: 10, to: 110_000, tiers: THREE_TIERS }))

      // Long: 2.6 * 90,432.93 = 235,126, the second tier, cum 50; short: 2.4 * 109,447.19 = 262,673, the third, cum 1,300.
      expect(long.records.find(({ kind }) => kind === 'liquidate')!.gross).toBeCloseTo(90_432.9339, 4)
      expect(short.records.find(({ kind }) => kind === 'liquidate')!.gross).toBeCloseTo(109_447.1947, 4)
    },
  },
  {
    rule: 'L2',
    title: 'a long without leverage has no liquidation price: it may fall to almost nothing',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(100), flat(100), [100, 100, 0.01, 50], flat(50)],
        perpetual: { leverage: 1 },
        decisions: [{ bar: 0, signal: 'BUY', size: 1 }],
      })

      const { records, equity } = play(input)
      expect(records.map(({ kind }) => kind)).toEqual(['admit', 'fill'])
      expect(equity.at(-1)).toBe(950)
    },
  },
  {
    rule: 'L3',
    title: 'the wallet of 5,000 goes as 4,618.47 on the way, 286.14 clearance and 95.38 insurance; realised is -5,000',
    negative: false,
    run({ expect, play }) {
      const { records } = play(positionGoing('BUY', { size: 1, leverage: 20, to: 90_000 }))
      const [liquidation, fill] = records.slice(2)

      expect(liquidation).toMatchObject({ kind: 'liquidate', rule: 'L3', step: 7, price: 95_000, realised: -5000 })
      expect(liquidation!.needed).toBeCloseTo(4618.47, 2)
      expect(liquidation!.fee).toBeCloseTo(286.14, 2)
      expect(liquidation!.available).toBeCloseTo(95.38, 2)
      expect(fill).toMatchObject({
        kind: 'fill',
        reason: 'liquidation',
        price: 95_000,
        fee: 0,
        realised: -5000,
        cash: 95_000,
      })
    },
  },
  {
    rule: 'L3',
    title: 'an open past stop loss and liquidation price liquidates, gap or not, at the bankruptcy price',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(100), flat(100), flat(50), flat(50)],
        perpetual: { leverage: 10 },
        decisions: [{ bar: 0, signal: 'BUY', size: 1, slPrice: 95 }],
      })

      expect(fillsOf(play(input).records)[1]).toMatchObject({
        reason: 'liquidation',
        step: 4,
        price: 90,
        realised: -10,
      })
    },
  },
  {
    rule: 'L3',
    title: 'no other exit is priced beyond bankruptcy: a stop loss with slippage stops there, insured',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(100), flat(100), [100, 100, 97, 98], flat(98)],
        bps: 500,
        perpetual: { leverage: 10 },
        tiers: [{ floor: 0, cap: null, mmr: 0.0001, kappa: 0 }],
        decisions: [{ bar: 0, signal: 'BUY', size: 1, slPrice: 98 }],
      })

      // Entry 105 with slippage, wallet 10.5, bankruptcy 94.5; the stop at 98 would fill at 93.1.
      expect(fillsOf(play(input).records)[1]).toMatchObject({
        reason: 'stop_loss',
        price: 94.5,
        available: 94.5,
        realised: -10.5,
      })
    },
  },
  {
    rule: 'L3',
    title: 'with mark candles the mark decides: the last price alone liquidates nothing',
    negative: true,
    run({ expect, play }) {
      const spiked: Row = [100, 100, 80, 100]
      const sketch = {
        bars: [flat(100), flat(100), spiked, spiked],
        perpetual: { leverage: 10, mark: 'auto' as const },
        marks: [flat(100), flat(100), flat(100), [100, 100, 85, 100] as Row],
        decisions: [{ bar: 0, signal: 'BUY' as const, size: 1 }],
      }

      const withMarks = play(runOf(sketch)).records
      const without = play(runOf({ ...sketch, perpetual: { leverage: 10, mark: 'last' } })).records

      // Wallet 10, maintenance 0.4 %: (10 - 100) / (0.004 - 1) = 90.3614 liquidates, at bankruptcy 90; by either price the same
      const booked = { gross: expect.closeTo(90 / 0.996, 10) as number, price: 90, realised: -10 }
      expect(withMarks.find(({ kind }) => kind === 'liquidate')).toMatchObject({ time: tau(3), ...booked })
      expect(without.find(({ kind }) => kind === 'liquidate')).toMatchObject({ time: tau(2), ...booked })
    },
  },
  {
    rule: 'L4',
    title: 'equity at or below maintenance closes the lot that lost most, then tests again',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [
          [flat(100), flat(100), flat(55), flat(55)],
          [flat(100), flat(100), flat(95), flat(95)],
        ],
        perpetual: { leverage: 10, marginMode: 'cross' },
        tiers: [{ floor: 0, cap: null, mmr: 0.05, kappa: 0.01 }],
        decisions: [
          { bar: 0, symbol: 0, signal: 'BUY', size: 20 },
          { bar: 0, symbol: 1, signal: 'BUY', size: 5 },
        ],
      })

      // At the open 55: 1000 - 20 * 45 - 5 * 5 = 75 <= 0.05 * (1100 + 475) = 78.75. The first goes with 1 % of 1100 = 11:
      // 64 > 0.05 * 475 = 23.75, so the second stays.
      const fills = fillsOf(play(input).records)
      expect(fills).toHaveLength(3)
      expect(fills[2]).toMatchObject({ rule: 'L4', step: 4, symbol: 0, price: 55, realised: -900 })
      expect(fills[2]!.fee).toBeCloseTo(11, 12)
    },
  },
  {
    rule: 'L4',
    title: 'a cascade cancels all orders and closes lot after lot, until equity is above the maintenance of the rest',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [
          [flat(100), flat(100), flat(55), flat(55)],
          [flat(100), flat(100), flat(98), flat(98)],
          [flat(100), flat(100), flat(100), flat(100)],
        ],
        perpetual: { leverage: 10, marginMode: 'cross' },
        tiers: [{ floor: 0, cap: null, mmr: 0.05, kappa: 0.01 }],
        execution: { onSame: 'add' },
        decisions: [
          { bar: 0, symbol: 0, signal: 'BUY', size: 20 },
          { bar: 0, symbol: 1, signal: 'BUY', size: 20 },
          { bar: 0, symbol: 2, signal: 'BUY', size: 1 },
          { bar: 0, symbol: 2, signal: 'BUY', size: 1, entryPrice: 50 },
        ],
      })

      const { records, equity } = play(input)

      // At the opens: 1000 - 20 * 45 - 20 * 2 = 60 <= 0.05 * (1100 + 1960 + 100) = 158. The first goes with 1 % of 1100:
      // 49 <= 0.05 * 2060 = 103. The second goes with 1 % of 1960: 29.4 > 0.05 * 100 = 5, the third stays.
      const after = records.filter(({ time }) => time === tau(2))
      expect(after).toMatchObject([
        { kind: 'cancel', symbol: 2 },
        { kind: 'fill', rule: 'L4', symbol: 0, price: 55, realised: -900, fee: expect.closeTo(11, 12) as number },
        { kind: 'fill', rule: 'L4', symbol: 1, price: 98, realised: -40, fee: expect.closeTo(19.6, 12) as number },
      ])
      expect(equity.at(-1)).toBeCloseTo(29.4, 9)
    },
  },
  {
    rule: 'L4',
    title: 'a wallet below 0 without a position is written off, and trading ends',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(100), flat(100), flat(50), flat(50), flat(50)],
        perpetual: { leverage: 10, marginMode: 'cross' },
        decisions: [
          { bar: 0, signal: 'BUY', size: 50 },
          { bar: 3, signal: 'BUY' },
        ],
      })

      const { records, equity } = play(input)

      // 1000 - 50 * 50 - 0.003 * 2500 = -1507.5
      expect(records.at(-1)).toMatchObject({ kind: 'write_off', realised: 1507.5, cash: 0 })
      expect(refusalsOf(records)).toEqual([])
      expect(equity).toEqual([1000, 1000, 0, 0, 0])
    },
  },
]
