import { fillsOf, flat, HOUR, runOf, tau, type RuleCase } from './rule-case.ts'

/** L1: funding out of data rows. */
export const FUNDING_CASES: RuleCase[] = [
  {
    rule: 'L1',
    title: 'long 1 BTC, a rate of -0.00001539 on a mark of 88,311.88999259 pays 1.3591199869859603, a millisecond late',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(4).fill(flat(88_000)),
        cash: 100_000,
        perpetual: {},
        funding: [{ time: tau(2) + 1, rate: -0.00001539, mark: 88_311.88999259 }],
        decisions: [{ bar: 0, signal: 'BUY', size: 1 }],
      })

      const { records, equity } = play(input)

      expect(records.at(-1)).toMatchObject({
        kind: 'funding',
        reason: 'funding',
        rule: 'L1',
        step: 3,
        time: tau(2),
        available: tau(2) + 1,
        realised: 1.3591199869859603,
      })
      // E(tau 2) excludes funding stamped tau 2.
      expect(equity[1]).toBe(100_000)
      expect(equity[2]).toBeCloseTo(100_001.359119987, 8)
    },
  },
  {
    rule: 'L1',
    title: 'a row more than a second after the minute lies inside its bar and finds what was opened there',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(4).fill(flat(100)),
        perpetual: {},
        funding: [{ time: tau(1) + 1001, rate: 0.001, mark: null }],
        decisions: [{ bar: 0, signal: 'SELL', size: 2 }],
      })

      // A short gets 2 * 100 * 0.001 = 0.2, marked at the last close (3).
      expect(play(input).records.at(-1)).toMatchObject({
        kind: 'funding',
        step: 6,
        time: tau(1),
        realised: 0.2,
        order: 3,
      })
    },
  },
  {
    rule: 'L1',
    title: 'what is opened at the stamp does not pay for it, what is closed there does',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(5).fill(flat(100)),
        perpetual: {},
        funding: [
          { time: tau(1), rate: 0.01, mark: 100 },
          { time: tau(3), rate: 0.01, mark: 100 },
        ],
        decisions: [
          { bar: 0, signal: 'BUY', size: 1 },
          { bar: 2, signal: 'SELL' },
        ],
      })

      const kinds = play(input).records.map(({ kind, time }) => `${kind} ${(time - tau(0)) / HOUR}`)
      expect(kinds).toEqual(['admit 1', 'fill 1', 'close 3', 'funding 3', 'fill 3'])
    },
  },
  {
    rule: 'L1',
    title: 'a payment takes at most the isolated wallet, and without a wallet the position is liquidated there',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(4).fill(flat(100)),
        perpetual: { leverage: 10 },
        funding: [{ time: tau(2), rate: 0.2, mark: 100 }],
        decisions: [{ bar: 0, signal: 'BUY', size: 1 }],
      })

      // The wallet is 10, asked are 20.
      expect(play(input).records.slice(2)).toMatchObject([
        { kind: 'funding', realised: -10, needed: -20 },
        { kind: 'liquidate', price: 100, step: 3 },
        { kind: 'fill', reason: 'liquidation', price: 100, cash: 990 },
      ])
    },
  },
  {
    rule: 'L1',
    title: 'a mark that the row lacks is the open of the mark candle that starts at the stamp',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: Array(4).fill(flat(100)),
        perpetual: { mark: 'auto' },
        marks: [null, null, flat(99), flat(99)],
        funding: [{ time: tau(2) + 16, rate: 0.01, mark: null }],
        decisions: [{ bar: 0, signal: 'BUY', size: 1 }],
      })

      expect(play(input).records.at(-1)).toMatchObject({ kind: 'funding', gross: 99, order: 2, realised: -0.99 })
    },
  },
  {
    rule: 'L1',
    title: 'a configured schedule charges only where there are no rows, and says so',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        symbols: [Array(10).fill(flat(100)), Array(10).fill(flat(100))],
        perpetual: { funding: { everyHours: 8, rate: 0.001 } },
        decisions: [
          { bar: 0, symbol: 0, signal: 'BUY', size: 1 },
          { bar: 0, symbol: 1, signal: 'BUY', size: 1 },
        ],
      })
      input.funding = [[], null]

      const { records } = play(input)
      expect(records.filter(({ kind }) => kind === 'funding')).toMatchObject([
        { reason: 'scheduled_funding', symbol: 1, time: tau(8), realised: -0.1 },
      ])
      expect(fillsOf(records)).toHaveLength(2)
    },
  },
]
