import { describe, test } from 'vitest'
import { firstDifference } from '../../support/first-difference.ts'
import { randomPerpRun } from '../../support/random-perp-runs.ts'
import { referenceRun } from '../../support/reference-engine.ts'

const RUNS = 3000
/** Every branch is met at least so often over all runs, so that the generator cannot rot. */
const AT_LEAST = 10

const SHORTS = [
  'fill entry sell market F1 6',
  'fill entry sell limit F2 6',
  'fill entry sell stop F3 6',
  'fill entry sell limit F2 7',
  'fill entry sell stop F3 7',
  'fill exit buy market F1 4',
  'fill stop_loss buy stop F3 4',
  'fill stop_loss buy stop F3 7',
  'fill take_profit buy limit F2 4',
  'fill take_profit buy limit F2 7',
  'fill end_of_data buy market T6 1',
]

const DECIDED = [
  'close reversed buy',
  'close reversed sell',
  'close none buy',
  'refuse opposite_position buy',
  'refuse opposite_position sell',
  'refuse short_not_allowed sell',
  'refuse reversed buy',
  'cancel reversed sell',
  'cancel cancelled_by_buy sell',
  'cancel cancelled_by_sell buy',
]

const LIQUIDATIONS = [
  ...[3, 4, 6, 7].flatMap((step) => [
    `fill liquidation buy market L3 ${step}`,
    `fill liquidation sell market L3 ${step}`,
  ]),
  'fill liquidation buy market L4 4',
  'fill liquidation sell market L4 4',
  'fill bankrupt buy market M 1',
  'fill bankrupt sell market M 1',
  'funding funding buy',
  'funding funding sell',
  'funding scheduled_funding buy',
  'cancel liquidated buy',
  'cancel liquidated sell',
  'refuse liquidated sell',
  'refuse bankrupt buy',
  'write_off written_off buy',
]

const MARKS = ['mark candles', 'funding mark 1', 'funding mark 2', 'funding mark 3']

const BRANCHES = [
  'insured funding',
  'liquidated by funding',
  'bankrupt',
  'written off',
  'cross ambiguous',
  'insured exit',
  'add withdraws entries of the other side',
  'shrunk at admission',
  'shrunk at the fill',
]

describe('phase 2 against the reference engine on perpetuals', () => {
  test(`agrees record for record and equity value for value over ${RUNS} random runs, which meet every branch`, ({
    expect,
  }) => {
    const counts = new Map<string, number>()
    const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)

    const differences: string[] = []
    for (let seed = 1; seed <= RUNS && differences.length < 3; seed++) {
      const run = randomPerpRun(seed)
      run.input.onBranch = count
      const expected = referenceRun(run.input)
      for (const { kind, reason, side, orderType, rule, step } of expected.records) {
        count(kind === 'fill' ? `fill ${reason} ${side} ${orderType} ${rule} ${step}` : `${kind} ${reason} ${side}`)
      }
      for (let i = 0; i < expected.crossAmbiguous; i++) count('cross ambiguous')
      const difference = firstDifference(run, expected)
      if (difference !== null) differences.push(difference)
    }

    expect(differences.join('\n\n')).toBe('')
    const rare = [...SHORTS, ...DECIDED, ...LIQUIDATIONS, ...MARKS, ...BRANCHES].filter(
      (name) => (counts.get(name) ?? 0) < AT_LEAST,
    )
    expect(rare).toEqual([])
  })
})
