import { describe, test } from 'vitest'
import { fillText, orderText, refusalText } from '../../../src/backtest/explain-text.ts'
import { at, explain, ROUND_TRIP } from './round-trip.ts'

describe('texts', () => {
  test('a fill at the open, on the path and at the end of data each say where their price is from', ({ expect }) => {
    const { fills } = explain(ROUND_TRIP)

    expect(fillText(fills[0]!)).toBe(
      'Bought 4 AAA at 11.1: market entry, at the open (F1); bar O 11 H 13 L 10 C 12; ' +
        'slippage 0.1 a unit against gross 11; fee 0.4 (taker)',
    )
    expect(fillText(fills[1]!)).toContain('take profit, reached on the path O-L-H-C under policy worst (F2, F6, F7)')
  })

  test('a fill by an executor is no fill of the open, wherever its price lies', ({ expect }) => {
    const fill = { lot: 1, order: 1, time: at(1), quantity: 4, rule: 'F13' } as const

    for (const price of [11, 12.5]) {
      const { fills } = explain([{ ...fill, gross: price, price }])
      expect(fillText(fills[0]!)).toContain(
        `at ${price}: market entry, inside the bar, as its executor said (F13); bar O 11`,
      )
    }
  })

  test('a refusal names its rule and the amounts', ({ expect }) => {
    const { refusals } = explain([
      { kind: 'refuse', reason: 'insufficient_cash', time: at(1), quantity: 2, needed: 22.5, available: 20, step: 5 },
    ])

    expect(refusalText(refusals[0]!)).toBe(
      'Refused buy of 2 AAA: not enough free cash (P3d): needed 22.5, available 20',
    )
  })

  test('a refusal quotes what a policy of the user said to it', ({ expect }) => {
    const texts = new Map([[0, 'too "much"\n']])
    const { refusals } = explain([{ kind: 'refuse', reason: 'risk', quantity: 2 }], 4, undefined, {
      refusalTexts: texts,
    })

    expect(refusalText(refusals[0]!)).toBe(
      'Refused buy of 2 AAA: over the limit of the risk policy (P3e): "too \\"much\\"\\n"',
    )
  })

  test('an order says how it ended', ({ expect }) => {
    const { orders } = explain(ROUND_TRIP)

    expect(orderText(orders[2]!)).toBe('close order 3: sell all AAA market, filled: closed by a decision')
  })
})
