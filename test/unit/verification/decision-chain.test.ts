import { describe, test } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { packDecisions } from '../../../src/backtest/decision-codec.ts'
import type { DecisionRow } from '../../../src/backtest/decision-log.ts'
import { createDecisionChain, findChainDifference, type ChainLink } from '../../../src/verification/decision-chain.ts'

const row = (bar: number, fields: Partial<DecisionRow> = {}): DecisionRow => ({
  unit: 0,
  bar,
  symbol: 0,
  sequence: 0,
  signal: 'BUY',
  ...fields,
})

/** Links of rows, cut after each group. */
function linksOf(groups: readonly (readonly DecisionRow[])[], isPackedTogether: boolean): ChainLink[] {
  const chain = createDecisionChain(createSha256)
  const whole = packDecisions(groups.flat())
  let at = 0
  return groups.map((group) => {
    const own = packDecisions(group)
    for (let i = 0; i < group.length; i++) {
      if (isPackedTogether) chain.add(whole, at++)
      else chain.add(own, i)
    }
    return chain.cut()
  })
}

describe('a decision chain', () => {
  const groups = [
    [row(3, { slPct: 2, strategyName: 'b' })],
    [],
    [row(5, { strategyName: 'a' }), row(5, { sequence: 1, meta: '{"x":1}', strategyName: 'b', tpPrice: 0.1 + 0.2 })],
  ]

  test('does not depend on how the rows were packed', ({ expect }) => {
    expect(linksOf(groups, true)).toEqual(linksOf(groups, false))
    expect(linksOf(groups, true).map(({ rows }) => rows)).toEqual([1, 0, 2])
  })

  test('differs from the first other row on, and names it', ({ expect }) => {
    const other = [groups[0]!, groups[1]!, [groups[2]![0]!, row(5, { sequence: 1, tpPrice: 0.3 })]]
    const [a, b] = [linksOf(groups, true), linksOf(other, true)]

    expect(a.map((link, i) => findChainDifference(link, b[i]!))).toEqual([null, null, 1])
  })

  test('names the row that is missing or was added', ({ expect }) => {
    const [a] = linksOf([groups[2]!], true)
    const [b] = linksOf([[groups[2]![0]!]], true)

    expect(findChainDifference(a!, b!)).toBe(1)
    expect(findChainDifference(b!, a!)).toBe(1)
  })

  test('remembers: the same rows after other ones have another hash', ({ expect }) => {
    const [, second] = linksOf([[row(1)], [row(2)]], true)
    const [, other] = linksOf([[row(0)], [row(2)]], true)

    expect(second!.digests).toEqual(other!.digests)
    expect(second!.sha256).not.toBe(other!.sha256)
  })
})
