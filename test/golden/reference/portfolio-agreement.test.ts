import { describe, test } from 'vitest'
import { firstDifference } from '../../support/first-difference.ts'
import { randomPortfolioRun } from '../../support/random-portfolio-runs.ts'
import { referenceRun } from '../../support/reference-engine.ts'

const RUNS = 1800
const AT_LEAST = 5

/** Kind, reason and step of records that only orders of onBar make, or that they must make too. */
const MET = [
  'refuse nothing_to_close 2',
  'refuse short_not_allowed 2',
  'refuse order_gone 2',
  'refuse data_ended 2',
  'refuse bracket_inverted 2',
  'refuse cancelled 2',
  'refuse position_gone 4',
  'refuse closed_lot 4',
  'refuse expired_stale 4',
  'refuse insufficient_cash 5',
  'cancel cancelled 2',
  'cancel closed_lot 4',
  'cancel expired 1',
  'fill entry 6',
  'fill entry 7',
  'fill exit 4',
  'fill take_profit 7',
  'fill trailing_stop 7',
  'close of one lot',
  'trailing exit moves',
  'cancel position_gone 4',
  ...['resting limit taker none', 'resting limit maker none', 'resting stop taker none'],
  ...[
    'resting limit maker O-H-L-C',
    'resting limit maker O-L-H-C',
    'resting stop taker O-H-L-C',
    'resting stop taker O-L-H-C',
  ],
]

describe('orders of portfolio strategies against the reference engine', () => {
  test.for([
    ['spot', ['cancel closed_lot 7', 'cancel position_gone 7']],
    ['perpetual', ['cancel reversed 2', 'cancel liquidated 7', 'an order turns the position']],
  ] as const)(
    `agree record for record and equity value for value over ${RUNS} random runs: %s`,
    ([market, more], { expect }) => {
      const counts = new Map<string, number>()
      const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
      const differences: string[] = []
      for (let seed = 1; seed <= RUNS && differences.length < 3; seed++) {
        const run = randomPortfolioRun(seed, market)
        run.input.onBranch = count
        const expected = referenceRun(run.input)
        for (const { kind, reason, step, lot } of expected.records) {
          const name = kind === 'close' && lot > 0 ? 'close of one lot' : `${kind} ${reason} ${step}`
          count(name)
        }
        const difference = firstDifference(run, expected)
        if (difference !== null) differences.push(difference)
      }

      expect(differences.join('\n\n')).toBe('')
      expect([...MET, ...more].filter((name) => (counts.get(name) ?? 0) < AT_LEAST)).toEqual([])
    },
  )
})
