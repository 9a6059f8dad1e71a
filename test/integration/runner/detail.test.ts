import { describe, expect, it } from 'vitest'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { Resampler } from '../../../src/candles/resample.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { judgeClaim } from '../../support/judge-claim.ts'
import { encodeInput, makeFileConfig, makeHeader, useRunnerProgram } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'
import { resultOf } from '../../unit/rules/verification-fixture.ts'

/** Bars booked by detail candles, from the frames of a cell to the host's verdict. */
const runRunner = useRunnerProgram()

const DETAIL = makeWalk({ symbol: 'AAA', rows: 4000, interval: '15m' })
const SERIES = hoursOf(DETAIL)
const SOURCE = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide({ index }) { return index % 3 === 0 ? { signal: 'BUY', tpPct: 0.7, slPct: 0.7 } : null }
}`
const CONFIG = makeFileConfig(SOURCE, { path: 'main.js', detailInterval: '15m', fill: 'detail' })

async function play(detail: CandleSeries, config = CONFIG): Promise<RunnerResult> {
  const end = await runRunner(encodeInput(makeHeader(config), [SERIES], { detail: [detail] }))
  return end.result!
}

/** The host's verdict about a claim, by its own replay with its own detail candles. */
const judge = (claim: RunnerResult, detail: CandleSeries) =>
  judgeClaim(CONFIG, claim, { series: [SERIES], instruments: [null], detail: [detail] })

function hoursOf(detail: CandleSeries): CandleSeries {
  const { rows } = detail
  const hours = new Resampler({ source: detail, base: '15m', interval: '1h', length: rows / 4 })
  for (let row = 0; row < rows; row++) hours.take(row)
  return { symbol: detail.symbol, interval: '1h', rows: rows / 4, ...hours.columns }
}

const withHigh = (row: number, high: number): CandleSeries => ({ ...DETAIL, high: DETAIL.high.with(row, high) })

describe('detail candles', () => {
  it('book the bars in the cell, and the host comes to the same', async () => {
    const claim = await play(DETAIL)
    const { verdict, task } = judge(claim, DETAIL)

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    const fills = decodeRecords(Buffer.from(claim.records!, 'base64')).filter(({ kind }) => kind === 'fill')
    // A fill on the path names its detail candle.
    const named = fills.filter(({ needed }) => needed > 6)
    expect(named.length).toBeGreaterThan(100)
    expect(named.every(({ needed }) => DETAIL.time.includes(needed))).toBe(true)
    expect(verdict.type).toBe('verified')
    if (verdict.type !== 'verified') return
    const { ambiguity, ...rest } = verdict.run
    const result = resultOf(task, { ...rest, outcomeHash: rest.outcome, ambiguity: ambiguity.bars })
    expect(result.dataQuality[0]!.detail).toEqual({ interval: '15m', rows: 4000, covered: 1000, differing: 0 })
    const byWorst = await play(DETAIL, { ...CONFIG, fill: 'worst' })
    expect(byWorst.records).not.toBe(claim.records)
  })

  it('are part of what is hashed: other candles are a mismatch, and another fingerprint', async () => {
    const other = withHigh(3, DETAIL.high[3]! * 1.0001)
    const claims = [await play(DETAIL), await play(other)]

    expect(judge(claims[0]!, other).verdict).toMatchObject({
      type: 'failed',
      kind: 'mismatch',
      message: 'The cell computed on other detail candles of AAA than it was sent',
    })
    const [one, two] = [judge(claims[0]!, DETAIL).verdict, judge(claims[1]!, other).verdict]
    if (one.type !== 'verified' || two.type !== 'verified') throw new Error('not verified')
    expect(two.run.inputs).not.toBe(one.run.inputs)
    expect(two.run.fingerprint).not.toBe(one.run.fingerprint)
  })
})
