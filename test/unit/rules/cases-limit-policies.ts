import { flat, refusalsOf, runOf, tau, type Row, type RuleCase } from './rule-case.ts'

const STILL: Row[] = Array(6).fill(flat(10))
const capacity = (builtin: string, params = {}) => ({ capacity: { builtin, params } })
const risk = (builtin: string, percent: number) => ({ risk: { builtin, params: { percent } } })
const BUY = { signal: 'BUY' } as const

/** P3 a and e under the policies that are not the defaults. */
export const LIMIT_POLICY_CASES: RuleCase[] = [
  {
    rule: 'P3a',
    title: 'unlimited: as many as the cash pays for',
    negative: false,
    run({ expect, play }) {
      const decisions = Array.from({ length: 20 }, () => ({ bar: 0, ...BUY }))
      const input = runOf({ bars: STILL, execution: { onSame: 'add' }, policies: capacity('unlimited'), decisions })

      expect(play(input).records.filter(({ kind }) => kind === 'fill')).toHaveLength(20)
    },
  },
  {
    rule: 'P3a',
    title: 'maxPerSymbol counts lots and working entries of that symbol only',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL],
        execution: { onSame: 'add' },
        policies: capacity('maxPerSymbol', { max: 2 }),
        decisions: [
          { bar: 0, ...BUY },
          { bar: 0, ...BUY, entryPrice: 5 },
          { bar: 1, ...BUY, symbol: 1 },
          { bar: 1, ...BUY },
        ],
      })

      // AAA: one lot and one limit are two; a third would be needed.
      expect(refusalsOf(play(input).records)).toMatchObject([
        { reason: 'capacity', symbol: 0, decision: 3, needed: 3, available: 2 },
      ])
    },
  },
  {
    rule: 'P3a',
    title: 'maxLegs counts entries and their brackets, filled, working and proposed',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL, STILL],
        policies: capacity('maxLegs', { max: 6 }),
        decisions: [
          { bar: 0, ...BUY, tpPrice: 20, slPct: 50 },
          { bar: 0, ...BUY, symbol: 1, entryPrice: 5, slPrice: 4 },
          { bar: 1, ...BUY, symbol: 2, tpPct: 10 },
          { bar: 2, ...BUY, symbol: 2 },
        ],
      })

      // 3 of the lot and 2 of the limit leave 1: an entry with a take profit is 5 + 2 = 7, one without 6.
      const records = play(input).records
      expect(refusalsOf(records)).toMatchObject([{ reason: 'capacity', decision: 3, needed: 7, available: 6 }])
      expect(records.at(-1)).toMatchObject({ kind: 'fill', symbol: 2, decision: 4 })
    },
  },
  {
    rule: 'P3a',
    title: 'grossExposure: no more while holdings at their marks and reserves reach the share of E',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [[flat(10), flat(10), flat(20), flat(20)], STILL.slice(2)],
        policies: capacity('grossExposure', { percent: 50 }),
        decisions: [
          { bar: 0, ...BUY, size: 30 },
          { bar: 1, ...BUY, symbol: 1, entryPrice: 9, size: 10 },
          { bar: 2, ...BUY, symbol: 1, size: 1 },
        ],
        execution: { onSame: 'add' },
      })

      // tau(2): 30 * 10 = 300 of 500. tau(3): 30 * 20 + 90 = 690 of E = 700 + 600, half of it 650.
      expect(refusalsOf(play(input).records)).toMatchObject([
        { reason: 'capacity', decision: 3, needed: 690, available: 650, quantity: 1 },
      ])
    },
  },
  {
    rule: 'P3e',
    title: 'maxLossToStop: quantity times the way from the reckoned price to the stop loss',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL, STILL],
        bps: 1000,
        policies: risk('maxLossToStop', 3),
        decisions: [
          { bar: 0, ...BUY, size: 10, slPrice: 8 },
          { bar: 0, ...BUY, symbol: 1, size: 10, slPrice: 7.5 },
          { bar: 0, ...BUY, symbol: 2, size: 1 },
        ],
      })

      // Reckoned at 11: 10 * (11 - 8) = 30 is just allowed of 1000 * 3 %; 10 * (11 - 7.5) = 35 is not.
      expect(refusalsOf(play(input).records)).toMatchObject([
        { reason: 'risk', symbol: 1, quantity: 10, needed: 35, available: 30, orderType: 'market', step: 5 },
        { reason: 'no_stop', symbol: 2, quantity: 1 },
      ])
    },
  },
  {
    rule: 'P3e',
    title: 'maxLossToStop: a percent stop counts from the reckoned price, and is allowed up to the limit',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: STILL,
        policies: risk('maxLossToStop', 5),
        decisions: [{ bar: 0, ...BUY, size: 20, slPct: 25 }],
      })

      // 20 * (10 - 7.5) = 50 = 5 % of 1000.
      expect(play(input).records.map(({ kind }) => kind)).toEqual(['admit', 'fill'])
    },
  },
  {
    rule: 'P3e',
    title: 'grossExposure: with the order itself, fee included, and after it has been shrunk',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        symbols: [STILL, STILL],
        policies: risk('grossExposure', 60),
        decisions: [
          { bar: 0, ...BUY, size: 50 },
          { bar: 1, ...BUY, symbol: 1, size: 200 },
          { bar: 2, ...BUY, symbol: 1, size: 10 },
        ],
      })

      // 200 are shrunk to the 50 that the cash pays for: 500 + 500 of 600. 500 + 100 is the limit itself.
      const records = play(input).records
      expect(refusalsOf(records)).toMatchObject([{ reason: 'risk', quantity: 50, needed: 1000, available: 600 }])
      expect(records.at(-1)).toMatchObject({ kind: 'fill', symbol: 1, quantity: 10 })
    },
  },
  {
    rule: 'P3e',
    title: 'dailyLoss: nothing more on a day that has lost its share, until the UTC midnight',
    negative: true,
    run({ expect, play }) {
      const bars: Row[] = [flat(10), flat(10), flat(9), ...Array<Row>(24).fill(flat(9))]
      const input = runOf({
        symbols: [bars, bars],
        execution: { onSame: 'add' },
        policies: risk('dailyLoss', 5),
        decisions: [
          { bar: 0, ...BUY, size: 50 },
          { bar: 1, ...BUY, symbol: 1, size: 1 },
          { bar: 2, ...BUY, symbol: 1, size: 2 },
          { bar: 23, ...BUY, symbol: 1, size: 3 },
        ],
      })

      // tau(2): no loss yet. tau(3): 50 * (10 - 9) is lost of 1000, 5 % of it. tau(24) is the next midnight.
      const { records } = play(input)
      expect(refusalsOf(records)).toMatchObject([
        { reason: 'risk', time: tau(3), quantity: 2, needed: 50, available: 50 },
      ])
      expect(records.at(-1)).toMatchObject({ kind: 'fill', time: tau(24), quantity: 3 })
    },
  },
]
