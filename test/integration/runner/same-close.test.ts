import { expect, it } from 'vitest'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { resultOf } from '../../unit/rules/verification-fixture.ts'
import { judgeClaim } from '../../support/judge-claim.ts'
import { encodeInput, makeHeader, makeRunConfig, useRunnerProgram } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Market orders at the close of their decision, from the frames of a cell to the host's result. */
const runRunner = useRunnerProgram()

it('marketFill same_close fills at the close of the decision, and the result says that it is look-ahead prone', async () => {
  const series = makeWalk({ symbol: 'AAA', rows: 3000 })
  const base = makeRunConfig({ strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } } })
  const config = { ...base, execution: { ...base.execution, marketFill: 'same_close' as const } }
  const claim = (await runRunner(encodeInput(makeHeader(config), [series]))).result!
  const { verdict, task } = judgeClaim(config, claim, { series: [series], instruments: [null] })

  if (verdict.type !== 'verified') throw new Error(verdict.type)
  const fills = decodeRecords(Buffer.from(claim.records!, 'base64')).filter(({ kind }) => kind === 'fill')
  expect(fills.length).toBeGreaterThan(20)
  for (const { time, gross } of fills) expect(gross).toBe(series.close[series.time.indexOf(time) - 1])
  const { run } = verdict
  const result = resultOf(task, { ...run, outcomeHash: run.outcome, ambiguity: run.ambiguity.bars })
  expect(result.lookAheadProne).toEqual(['execution.marketFill: same_close'])
})
