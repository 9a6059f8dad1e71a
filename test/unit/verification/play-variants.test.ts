import { describe, expect, it } from 'vitest'
import { playVariants } from '../../../orchestrator-service/results/verify/play-variants.ts'
import { decodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import { flat, runOf, type Row } from '../rules/rule-case.ts'
import { honestClaim, resultOf, verdictOf } from '../rules/verification-fixture.ts'

/** Bought at 10 with TP 12 and SL 8: the bar 10 13 7 11 may have met either first. */
const BARS: Row[] = [flat(10), flat(10), [10, 13, 7, 11], flat(11), flat(11), flat(11)]
const BUY = { signal: 'BUY', size: 10, tpPrice: 12, slPrice: 8 } as const

describe('bounds by playing phase 2 again', () => {
  it('are the run whole under worst and best, whatever the decisions wish', () => {
    const input = runOf({ bars: BARS, decisions: [{ bar: 0, ...BUY, crossingPolicy: 'best' }] })
    const { task, hashes, claim } = honestClaim(input)
    const verdict = verdictOf(claim, { task: { ...task, bounds: 'rerun' }, hashes })

    if (verdict.type !== 'verified') throw new Error(verdict.type)
    const { run } = verdict
    // 1,000 and 10 units: booked by best at 12; at worst sold at 8.
    expect(run.analysis.summary.finalEquity).toBe(1020)
    expect(run.variants.rerun).toMatchObject({
      worst: { finalEquity: 980, fills: 2, trades: 1 },
      best: { finalEquity: 1020, fills: 2, trades: 1 },
    })
    const { ambiguity } = resultOf(task, {
      ...run,
      outcomeHash: run.outcome,
      ambiguity: run.ambiguity.bars,
    })
    expect(ambiguity).toMatchObject({ boundsRerun: { worst: { finalEquity: 980 } } })
  })

  it('say what follows from another fill, which the local bound does not', () => {
    const decisions = [
      { bar: 0, ...BUY },
      { bar: 3, signal: 'BUY' as const, size: 200 },
    ]
    const bars = [...BARS.slice(0, 5), flat(22)]
    const { task, hashes, claim } = honestClaim(runOf({ bars, decisions }))
    const verdict = verdictOf(claim, { task: { ...task, bounds: 'rerun' }, hashes })

    if (verdict.type !== 'verified') throw new Error(verdict.type)
    const { ambiguity, variants } = verdict.run
    // The cash of then, 980 or 1,020, buys at 11 and is marked at 22: twice the 40 between both readings.
    expect(ambiguity.difference).toBe(40)
    expect(variants.rerun!.best.finalEquity - variants.rerun!.worst.finalEquity).toBeCloseTo(80, 9)
  })

  it('are not played unless they are asked for', () => {
    const { task, hashes, claim } = honestClaim()
    const verdict = verdictOf(claim, { task, hashes })

    expect(verdict).toMatchObject({
      type: 'verified',
      run: { variants: { underDefaults: null, rerun: null, missing: {} } },
    })
  })

  it('are played without executors: their decisions are what the entryPrice makes of them', () => {
    const decisions = [
      { bar: 0, signal: 'BUY', size: 2, executor: 'iceberg' },
      { bar: 2, signal: 'BUY', size: 1, entryPrice: 9, executor: 'iceberg' },
    ] as const
    const bars: Row[] = [flat(10), [10, 12, 8, 10], flat(10), [10, 10, 8, 10], flat(10)]
    const input = runOf({ bars, decisions: [...decisions], execution: { onSame: 'add' } })
    const users = { executor: () => [{ quantity: 0.5, price: 10 }] }
    const { task, claim } = honestClaim({ ...input, users })
    const played = playVariants(task, decodeDecisionLog(claim.decisions!), ['executor'])

    // 2 at the open of 10 and 1 at the limit of 9: 1,000 - 29 + 3 · 10.
    expect(played).toMatchObject({ underDefaults: { finalEquity: 1001, fills: 2 }, missing: {} })
    expect(resultOf(task, null).lookAheadProne).toEqual(['executors: iceberg'])
  })

  it.for([
    [['leg'], undefined],
    [['exitResolver'], undefined],
    [['fee', 'leg'], /answers leg,/],
  ] as const)('say why they are not played where code of the user answers %j', ([asked, underDefaults]) => {
    const { task, claim } = honestClaim()
    const decisions = decodeDecisionLog(claim.decisions!)
    const { rerun, missing } = playVariants({ ...task, bounds: 'rerun' }, decisions, asked)

    expect(rerun).toBeNull()
    expect(missing.boundsRerun).toContain(`code of the user answers ${asked.join(', ')}`)
    if (underDefaults === undefined) expect(missing.underDefaults).toBeUndefined()
    else expect(missing.underDefaults).toMatch(underDefaults)
  })
})
