import type { ReferenceFeeEvent } from '../../support/reference-engine-users.ts'
import { fillsOf, flat, refusalsOf, runOf, type Row, type RuleCase } from './rule-case.ts'

const STILL: Row[] = Array(5).fill(flat(10))
const BUY = { signal: 'BUY' } as const

/** Section 6: fee, slippage, capacity and risk by code of the user. */
export const USER_POLICY_CASES: RuleCase[] = [
  {
    rule: 'P3d',
    title:
      'a fee of the user: a market order is reckoned with what the fee answers for it, and pays what it answers then',
    negative: false,
    run({ expect, play }) {
      const asked: ReferenceFeeEvent[] = []
      const fee = (event: ReferenceFeeEvent): number => {
        asked.push(event)
        return event.notional * 0.01
      }
      const input = runOf({
        bars: [flat(10), flat(10), flat(10)],
        cash: 1010,
        decisions: [{ bar: 0, ...BUY, size: 200 }],
      })

      // 200 at 10 need 2,020; 1010 / (10 * 1.01) = 100 units cost 1,000 and 10.
      const fills = fillsOf(play({ ...input, users: { fee } }).records)
      expect(fills).toMatchObject([{ fee: 10, cash: 0 }])
      expect(fills[0]!.quantity).toBeCloseTo(100, 9)
      expect(asked.map(({ kind, quantity }) => [kind, Math.round(quantity)])).toEqual([
        ['estimate', 200],
        ['estimate', 100],
        ['entry', 100],
      ])
    },
  },
  {
    rule: 'P3d',
    title: 'a fee of the user that asks more for a part than for the whole is refused where the cash does not do',
    negative: true,
    run({ expect, play }) {
      // 1 % of up to 100 units at 10, 2 % of more: reckoned with 1 % at admission, 2 % at the fill.
      const fee = ({ kind, notional }: ReferenceFeeEvent): number => notional * (kind === 'estimate' ? 0.01 : 0.02)
      const input = runOf({ bars: STILL, cash: 1010, decisions: [{ bar: 0, ...BUY, size: 100 }] })

      const { records } = play({ ...input, users: { fee } })
      expect(refusalsOf(records)).toMatchObject([
        { reason: 'insufficient_cash', step: 6, needed: 1020, available: 1010, quantity: 100 },
      ])
      expect(fillsOf(records)).toEqual([])
    },
  },
  {
    rule: 'P3d',
    title:
      'an order that may fill inside a bar reserves the bound of every answer: 5 % as fee, 10 % as slippage of a stop',
    negative: false,
    run({ expect, play }) {
      const users = { fee: () => 0, slippage: (_order: object, _bar: object, gross: number) => gross }
      const input = runOf({
        symbols: [STILL, STILL],
        decisions: [
          { bar: 0, ...BUY, entryPrice: 9 },
          { bar: 0, ...BUY, entryPrice: 12, symbol: 1 },
        ],
      })

      const admitted = play({ ...input, users }).records.filter(({ kind }) => kind === 'admit')
      expect(admitted[0]!.needed).toBeCloseTo(9 * 1.05, 12)
      expect(admitted[1]!.needed).toBeCloseTo(12 * 1.1 * 1.05, 12)
    },
  },
  {
    rule: 'F7',
    title: 'where both lines are played, O-H-L-C is asked first, then O-L-H-C, and what was asked is booked',
    negative: false,
    run({ expect, play }) {
      const fees: [string, number][] = []
      const slips: number[] = []
      const users = {
        fee({ kind, price }: ReferenceFeeEvent): number {
          fees.push([kind, price])
          return fees.length / 100
        },
        slippage({ side }: { side: string }, _bar: object, gross: number): number {
          if (side === 'sell') slips.push(gross)
          return side === 'sell' ? gross - 0.5 : gross
        },
      }
      const input = runOf({
        bars: [flat(10), flat(10), [10, 13, 7, 11], flat(11)],
        decisions: [{ bar: 0, ...BUY, size: 1, tpPrice: 12, slPrice: 8 }],
      })

      // Up first: sold at 12, a maker. Down first: at 8 - 0.5, a taker; that is worse, and its fee was the fifth answer.
      const fills = fillsOf(play({ ...input, users }).records)
      expect(fees).toEqual([
        ['estimate', 10],
        ['estimate', 10],
        ['entry', 10],
        ['exit', 12],
        ['exit', 7.5],
      ])
      expect(slips).toEqual([8])
      expect(fills[1]).toMatchObject({ reason: 'stop_loss', path: 'O-L-H-C', gross: 8, price: 7.5, fee: 0.05 })
    },
  },
  {
    rule: 'F7',
    title: 'both lines are asked too where they are the same',
    negative: false,
    run({ expect, play }) {
      const exits: number[] = []
      const fee = ({ kind }: ReferenceFeeEvent): number => {
        if (kind === 'exit') exits.push(exits.length)
        return 0
      }
      const input = runOf({
        bars: [flat(10), flat(10), [10, 13, 9, 11], flat(11)],
        decisions: [{ bar: 0, ...BUY, size: 1, tpPrice: 12 }],
      })

      expect(fillsOf(play({ ...input, users: { fee } }).records)).toMatchObject([{}, { reason: 'take_profit' }])
      expect(exits.length).toBe(2)
    },
  },
  {
    rule: 'P3a',
    title: 'capacity and risk of the user: told proposal and account, a refusal is final',
    negative: true,
    run({ expect, play }) {
      const asked: unknown[] = []
      const users = {
        capacity: (...args: unknown[]) => asked.push(args) < 2 || ({ admit: false, reason: 'full' } as const),
        risk: (...args: unknown[]) => asked.push(args) > 0 && ({ admit: false, reason: 'too much' } as const),
      }
      const input = runOf({
        bars: STILL,
        decisions: [
          { bar: 0, ...BUY, size: 2, slPct: 50 },
          { bar: 1, ...BUY, size: 2 },
        ],
      })

      const { records } = play({ ...input, users: users as never })
      const view = { cash: 1000, equity: 1000, positions: [], lots: [], orders: [] }
      const proposal = { symbol: 'AAA', side: 'long', close: 10, size: 2 }
      const [t1, t2] = [input.opens[1], input.opens[2]]
      expect(asked).toEqual([
        [{ ...proposal, slPct: 50 }, t1, { ...view, time: t1 }],
        [{ ...proposal, slPct: 50, price: 10, stop: 5, exposure: 20 }, 2, { ...view, time: t1 }],
        [proposal, t2, { ...view, time: t2 }],
      ])
      expect(refusalsOf(records)).toMatchObject([
        { reason: 'risk', decision: 1, quantity: 2, needed: 0, available: 0 },
        { reason: 'capacity', decision: 2, quantity: 2, needed: 0, available: 0 },
      ])
    },
  },
]
