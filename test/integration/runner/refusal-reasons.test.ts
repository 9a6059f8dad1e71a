import { expect, it } from 'vitest'
import { encodeRefusals } from '../../../orchestrator-service/results/run-tables.ts'
import { decodeRefusals } from '../../support/decode-run-tables.ts'
import { judgeClaim } from '../../support/judge-claim.ts'
import { encodeInput, makeHeader, makeRunConfig, useRunnerProgram } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'
import { resultOf } from '../../unit/rules/verification-fixture.ts'

/** What policies of the user say to refusals, from the frames of a cell to the host's tables and result. */
const runRunner = useRunnerProgram()

const SERIES = makeWalk({ symbol: 'AAA', rows: 3000 })

const STRATEGY = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide({ index }) { return index % 5 === 0 ? { signal: 'BUY', tpPct: 4, slPct: 4 } : null }
}`

const POLICIES = `export const admit = (proposal, time, view) =>
  view.lots.length < 1 || { admit: false, reason: 'one is enough' }
export const check = (proposal, quantity) => Math.floor(proposal.price * 100) % 2 === 0 || { admit: false, reason: '=odd\\u202e' }`

it('the words of a capacity and a risk of the user stand beside the refusals of the replay', async () => {
  const base = makeRunConfig({
    strategy: { module: 'main.js', class: 'default', params: {} },
    files: [
      { path: 'main.js', source: STRATEGY },
      { path: 'policies.js', source: POLICIES },
    ],
    capacity: { module: 'policies.js', function: 'admit' },
    risk: { module: 'policies.js', function: 'check' },
    sizing: { builtin: 'percentOfEquity', params: { percent: 40 } },
  })
  const config = { ...base, execution: { ...base.execution, onSame: 'add' as const } }
  const claim = (await runRunner(encodeInput(makeHeader(config), [SERIES]))).result!
  const { verdict, task } = judgeClaim(config, claim, { series: [SERIES], instruments: [null] })

  if (verdict.type !== 'verified') throw new Error(JSON.stringify(verdict))
  const { run } = verdict
  const { refusals } = run.analysis.explanation
  const said = { capacity: 'one is enough', risk: '=odd\u202e' } as const
  const count = (reason: keyof typeof said) => refusals.filter((refusal) => refusal.reason === reason).length
  expect(Math.min(count('capacity'), count('risk'))).toBeGreaterThan(10)
  expect(count('capacity') + count('risk')).toBe(refusals.length)
  for (const { reason, detail } of refusals) expect(detail).toBe(said[reason as keyof typeof said])
  expect(decodeRefusals(encodeRefusals(refusals))).toEqual(refusals)

  const result = resultOf(task, { ...run, outcomeHash: run.outcome, ambiguity: run.ambiguity.bars })
  for (const { reason, count: times, details } of result.summary!.refusalsByReason) {
    expect(details).toEqual([{ text: said[reason as keyof typeof said], count: times }])
  }
})
