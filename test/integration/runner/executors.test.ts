import { describe, expect, it } from 'vitest'
import { decodeAnswerLog } from '../../../src/backtest/answer-log.ts'
import { decodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { useJudgedRuns } from '../../support/judged-runs.ts'
import { makeRunConfig } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Order types by code of the user, from the frames of a cell to the host's verdict. */
const { claimOf, judge } = useJudgedRuns(makeWalk({ symbol: 'AAA', rows: 2000 }))

const STRATEGY = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide({ index }) {
    if (index % 9 === 0) return { signal: 'BUY', entryType: 'iceberg', tpPct: 1, slPct: 1 }
    if (index % 9 === 4) return { signal: 'BUY', entryType: 'at open' }
    return index % 9 === 8 ? { signal: 'SELL' } : null
  }
}`

const EXECUTORS = `export class Iceberg {
  constructor({ share }) { this.share = share; this.bars = new Map() }
  execute({ id, size, quantity }, { low, close }) {
    const seen = this.bars.get(id) ?? 0
    this.bars.set(id, seen + 1)
    if (seen % 3 === 2) return []
    return [{ quantity: Math.min(quantity, size * this.share), price: seen % 2 === 0 ? low : close }]
  }
}
export const atOpen = ({ quantity }, { open }) => [{ quantity, price: open }]`

const NAMED = {
  'at open': { module: 'executors.js', function: 'atOpen' },
  iceberg: { module: 'executors.js', class: 'Iceberg', params: { share: 0.4 } },
} as const

function configOf(strategy = STRATEGY, source = EXECUTORS): RunConfig {
  return makeRunConfig({
    strategy: { module: 'main.js', class: 'default', params: {} },
    files: [
      { path: 'executors.js', source },
      { path: 'main.js', source: strategy },
    ],
    sizing: { builtin: 'percentOfEquity', params: { percent: 40 } },
    executors: NAMED,
  })
}

const fillsOf = ({ records }: RunnerResult) =>
  decodeRecords(Buffer.from(records!, 'base64')).filter(({ kind }) => kind === 'fill')

describe('executors', () => {
  it('fill the orders that name them, and the host replays the run from their answers', async () => {
    const config = configOf()
    const claim = await claimOf(config)
    const verdict = judge(config, claim)

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    expect(fillsOf(claim).filter(({ rule }) => rule === 'F13').length).toBeGreaterThan(100)
    expect(decodeAnswerLog(claim.answers!).ports).toMatchObject([{ port: 'executor' }])
    expect(verdict).toMatchObject({ type: 'verified', run: { askedPorts: ['executor'] } })
    if (verdict.type === 'verified') expect(verdict.run.variants.underDefaults).not.toBeNull()
  })

  it('that take the open fill as market orders do', async () => {
    const source = EXECUTORS.replace(
      'execute({ id, size, quantity }, { low, close }) {',
      'execute({ quantity }, { open }) { return [{ quantity, price: open }]',
    )
    const strategy = (type: string): string =>
      `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide({ index }) {
    return index % 9 === 0 ? { signal: 'BUY'${type} } : index % 9 === 6 ? { signal: 'SELL' } : null
  }
}`
    const [own, builtin] = [
      await claimOf(configOf(strategy(`, entryType: 'iceberg'`), source)),
      await claimOf(configOf(strategy(''))),
    ]
    const bare = (result: RunnerResult) => fillsOf(result).map(({ rule: _rule, ...fill }) => fill)

    expect(bare(own).length).toBeGreaterThan(100)
    expect(bare(own)).toEqual(bare(builtin))
  })

  it('is tampered with if an answer, or the name in a decision, is another one', async () => {
    const config = configOf()
    const claim = await claimOf(config)
    const { answers, decisions } = claim
    const moved = answers!.strings.with(0, answers!.strings[0]!.replace(/"price":[\d.e+-]+/, '"price":1'))
    const { strings } = decodeDecisionLog(decisions!)
    const renamed = strings.map((text) => (text === 'iceberg' ? 'at open' : text === 'at open' ? 'iceberg' : text))
    const unknown = strings.map((text) => (text === 'iceberg' ? 'twap' : text))

    expect(judge(config, { ...claim, answers: { ...answers!, strings: moved } }).type).toBe('tampered')
    expect(judge(config, { ...claim, decisions: { ...decisions!, strings: renamed } }).type).toBe('tampered')
    expect(judge(config, { ...claim, decisions: { ...decisions!, strings: unknown } }).type).not.toBe('verified')
  })

  it.for([
    ['return [{ quantity: order.quantity, price: bar.high * 1.01 }]', 'policy_out_of_bounds', 'with a price of'],
    ['return [{ quantity: order.quantity * 1.01, price: bar.low }]', 'policy_out_of_bounds', 'in all'],
    ['return [{ quantity: 0, price: bar.low }]', 'policy_out_of_bounds', 'quantity of 0'],
    ['return [{ quantity: NaN, price: bar.low }]', 'policy_out_of_bounds', 'finite'],
    ['return [{ quantity: 1, price: bar.low, more: 1 }]', 'bad_answer', 'another shape'],
    ['return null', 'bad_answer', 'null'],
    ['return Promise.resolve([])', 'bad_answer', 'a promise'],
    ['view.cash = 1; return []', 'threw', 'TypeError'],
  ])('that answer "%s" end the run', async ([body, reason, message]) => {
    const source = `export class Iceberg { execute(order, bar, view) { ${body} } }
export const atOpen = () => []`
    const { outcome } = await claimOf(configOf(STRATEGY, source))

    expect(outcome).toMatchObject({ kind: 'strategy_error', reason })
    expect(outcome.message).toContain(message)
  })

  it('that the run does not have end it at the decision', async () => {
    const { outcome } = await claimOf(configOf(STRATEGY.replace("'at open'", "'twap'")))

    expect(outcome).toMatchObject({ kind: 'strategy_error', reason: 'bad_decision' })
    expect(outcome.message).toContain(
      'entryType is "twap", expected one of market, limit, stop, stop_limit, at open, iceberg',
    )
  })
})
