import { fillsOf, flat, refusalsOf, runOf, type RuleCase } from './rule-case.ts'

/** P5 and P6 on perpetuals: both sides, and what a decision means at a position of the other one. */
export const OPPOSITE_CASES: RuleCase[] = [
  {
    rule: 'P5',
    title: 'a SELL without a position opens a short where shorts are allowed, and a BUY closes it',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(8), flat(8), flat(8)],
        perpetual: {},
        decisions: [
          { bar: 0, signal: 'SELL', size: 5 },
          { bar: 2, signal: 'BUY' },
        ],
      })

      const { records, equity } = play(input)

      // Short 5 at 10, margin 50; closed at 8: 5 * (10 - 8) = 10.
      expect(fillsOf(records)).toMatchObject([
        { reason: 'entry', side: 'sell', quantity: 5, price: 10, cash: 950 },
        { reason: 'exit', side: 'buy', quantity: 5, price: 8, realised: 10, cash: 1010 },
      ])
      expect(equity).toEqual([1000, 1000, 1010, 1010, 1010])
    },
  },
  {
    rule: 'P5',
    title: 'without allowShort a SELL at no position closes nothing, and one that must open is refused',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(4).fill(flat(10)),
        perpetual: { allowShort: false },
        decisions: [
          { bar: 0, signal: 'SELL' },
          { bar: 1, signal: 'SELL', intent: 'open' },
        ],
      })

      const refused = refusalsOf(play(input).records).map(({ reason }) => reason)
      expect(refused).toEqual(['nothing_to_close', 'short_not_allowed'])
    },
  },
  {
    rule: 'P5',
    title: 'onOpposite reverse closes all lots and opens the other side at the same open',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), flat(12), flat(12)],
        perpetual: { onOpposite: 'reverse' },
        decisions: [
          { bar: 0, signal: 'BUY', size: 2 },
          { bar: 1, signal: 'SELL', size: 3 },
        ],
      })

      // 2 * (12 - 10) = 4 realised; then short 3 at 12: margin 36 of 1004.
      expect(fillsOf(play(input).records)).toMatchObject([
        { side: 'buy', quantity: 2, price: 10, step: 6 },
        { side: 'sell', quantity: 2, price: 12, realised: 4, step: 4, cash: 1004 },
        { side: 'sell', reason: 'entry', quantity: 3, price: 12, step: 6, cash: 968 },
      ])
    },
  },
  {
    rule: 'P5',
    title: 'onOpposite ignore refuses a decision against the position',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(4).fill(flat(10)),
        perpetual: { onOpposite: 'ignore' },
        decisions: [
          { bar: 0, signal: 'SELL' },
          { bar: 1, signal: 'BUY' },
        ],
      })

      expect(refusalsOf(play(input).records)).toMatchObject([{ reason: 'opposite_position', side: 'buy', decision: 2 }])
    },
  },
  {
    rule: 'P6',
    title: 'both sides never coexist: an opening BUY withdraws a working short entry',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(5).fill(flat(10)),
        perpetual: {},
        decisions: [
          { bar: 0, signal: 'SELL', entryPrice: 12 },
          { bar: 2, signal: 'BUY', intent: 'open' },
        ],
      })

      const { records } = play(input)
      expect(records.map(({ kind, reason, side }) => `${kind} ${reason} ${side}`)).toEqual([
        'admit none sell',
        'cancel reversed sell',
        'admit none buy',
        'fill entry buy',
      ])
    },
  },
  {
    rule: 'F2',
    title: 'the bracket of a short is mirrored: take profit below is a resting buy limit, stop loss above',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 10.5, 7, 9], flat(9)],
        perpetual: {},
        decisions: [{ bar: 0, signal: 'SELL', size: 2, tpPct: 20, slPct: 10 }],
      })

      // TP 10 * 0.8 = 8: 2 * (10 - 8) = 4. SL 11 is not reached.
      expect(fillsOf(play(input).records)[1]).toMatchObject({
        reason: 'take_profit',
        side: 'buy',
        price: 8,
        liquidity: 'maker',
        realised: 4,
      })
    },
  },
  {
    rule: 'F3',
    title: 'slippage and the tick are against a seller: a sell stop at 9.05 fills lower',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [10, 10, 9, 9], flat(9)],
        bps: 100,
        instrument: { tick: '0.1' },
        perpetual: {},
        decisions: [{ bar: 0, signal: 'SELL', size: 1, entryPrice: 9.05 }],
      })

      // The trigger goes down to 9.0, the price 9 * 0.99 = 8.91 down to 8.9.
      const [fill] = fillsOf(play(input).records)
      expect(fill).toMatchObject({ rule: 'F3', side: 'sell', liquidity: 'taker', gross: 9 })
      expect(fill!.price).toBeCloseTo(8.9, 12)
    },
  },
  {
    rule: 'P3d',
    title: 'leverage binds q·p/leverage and the whole fee: 10 at 50 with 10x needs 50 and 0.5',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(50), flat(50), flat(50)],
        fee: { maker: 0.001, taker: 0.001 },
        perpetual: { leverage: 10 },
        decisions: [{ bar: 0, signal: 'BUY', size: 10 }],
      })

      const { records } = play(input)
      expect(records).toMatchObject([
        { kind: 'admit', needed: 50.5 },
        { kind: 'fill', fee: 0.5, cash: 949.5 },
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'free cash in cross margin is equity less notional over leverage: a second order shrinks to it',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [Array(4).fill(flat(100)), Array(4).fill(flat(100))],
        perpetual: { leverage: 2, marginMode: 'cross' },
        decisions: [
          { bar: 0, symbol: 0, signal: 'BUY', size: 15 },
          { bar: 1, symbol: 1, signal: 'SELL', size: 15 },
        ],
      })

      // 1000 - 15 * 100 / 2 = 250 free: 250 / (100 / 2) = 5.
      expect(fillsOf(play(input).records)).toMatchObject([{ quantity: 15 }, { quantity: 5, side: 'sell' }])
    },
  },
  {
    rule: 'C3',
    title: 'free cash, wallet and unrealised profit make the same E as profit, fees and funding',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(100), flat(100), flat(90), flat(80), flat(80)],
        fee: { maker: 0.001, taker: 0.001 },
        perpetual: { leverage: 5 },
        decisions: [
          { bar: 0, signal: 'SELL', size: 4 },
          { bar: 1, signal: 'BUY', size: 1, intent: 'close' },
        ],
      })

      // Fees 0.4 and 0.09; realised 1 * (100 - 90) = 10; unrealised 3 * (100 - 80) = 60.
      expect(play(input).equity.at(-1)).toBeCloseTo(1000 - 0.4 - 0.09 + 10 + 60, 9)
    },
  },
]
