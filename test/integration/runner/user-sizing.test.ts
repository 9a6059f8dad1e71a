import { describe, expect, it } from 'vitest'
import { decodeAnswerLog } from '../../../src/backtest/answer-log.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { judgeClaim } from '../../support/judge-claim.ts'
import { useJudgedRuns } from '../../support/judged-runs.ts'
import { resultOf } from '../../unit/rules/verification-fixture.ts'
import { makeRunConfig } from '../../support/runner-program.ts'
import { instrumentsOf, PERPETUAL } from '../../support/sample-perpetual.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Sizing by code of the user, from the frames of a cell to the host's verdict. */
const SERIES = makeWalk({ symbol: 'AAA', rows: 3000 })
const { play, claimOf, judge } = useJudgedRuns(SERIES)

const SMA = { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } }

const SIZER = `export default class Size {
  constructor(params) { this.share = params.share }
  size(meta, action, view) {
    if (!Object.isFrozen(view) || !Object.isFrozen(meta)) throw new Error('not frozen')
    if (action !== 'open' || view.positions.length + view.orders.length > 0) throw new Error('not flat')
    return (view.equity * this.share) / meta.close
  }
}`

function configOf(source: string, changes: Partial<RunConfig> = {}): RunConfig {
  const sizing = { module: 'size.ts', class: 'default', params: { share: 0.25 } }
  return makeRunConfig({ strategy: SMA, files: [{ path: 'size.ts', source }], sizing, ...changes })
}

describe('sizing by code of the user', () => {
  it.for([
    ['spot', {}],
    ['perpetual', { market: 'perpetual', perpetual: PERPETUAL }],
  ] as const)('is asked in the cell and verified by the host: %s', async ([, changes]) => {
    const config = configOf(SIZER, changes)
    const claim = await claimOf(config)
    const { verdict, task } = judgeClaim(config, claim, { series: [SERIES], instruments: instrumentsOf(config) })

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    const [port] = decodeAnswerLog(claim.answers!).ports
    expect(port).toMatchObject({ port: 'sizing' })
    const records = decodeRecords(Buffer.from(claim.records!, 'base64'))
    expect(port!.calls).toBe(records.filter(({ kind }) => kind === 'admit').length)
    expect(port!.calls).toBeGreaterThan(20)
    expect(verdict).toMatchObject({ type: 'verified', run: { askedPorts: ['sizing'] } })
    if (verdict.type !== 'verified') return
    const { ambiguity, ...rest } = verdict.run
    const { trust } = resultOf(task, { ...rest, outcomeHash: rest.outcome, ambiguity: ambiguity.bars })
    expect(trust).toMatchObject({ sizing: 'claimed', fees: 'recomputed', capacity: 'recomputed', fills: 'recomputed' })
  })

  it('gives the same as the built-in rule that it repeats', async () => {
    const [own, builtin] = [configOf(SIZER), makeRunConfig({ strategy: SMA, sizing: percent(25) })]

    expect((await claimOf(own)).records).toBe((await claimOf(builtin)).records)
  })

  it('may be a function beside a strategy of files, with random numbers of its own', async () => {
    const source = `export function size(meta, action, view) { return 1 + Math.random() }`
    const strategy = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy { decide({ index }) { return index % 50 === 0 ? { signal: index % 100 ? 'SELL' : 'BUY' } : null } }`
    const config = makeRunConfig({
      strategy: { module: 'main.js', class: 'default', params: {} },
      files: [
        { path: 'main.js', source: strategy },
        { path: 'size.js', source },
      ],
      sizing: { module: 'size.js', function: 'size' },
    })
    const [claim, again] = [await claimOf(config), await claimOf(config)]

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    expect(again.answers).toEqual(claim.answers)
    expect(judge(config, claim).type).toBe('verified')
  })

  it('is tampered with if an answer of the log is another one, is missing, or is out of bounds', async () => {
    const config = configOf(SIZER)
    const claim = await claimOf(config)
    const [port] = claim.answers!.ports
    const numbers = new Float64Array(Uint8Array.from(Buffer.from(port!.number, 'base64')).buffer)
    const forge = (first: number): RunnerResult => {
      const number = Buffer.from(Float64Array.of(first, ...numbers.subarray(1)).buffer).toString('base64')
      return { ...claim, answers: { strings: [], ports: [{ ...port!, number }] } }
    }
    const { answers: _answers, ...without } = claim

    expect(judge(config, forge(numbers[0]! / 2)).type).toBe('tampered')
    expect(judge(config, forge(-1)).type).toBe('tampered')
    expect(judge(config, without).type).toBe('tampered')
    expect(judge(config, forge(numbers[0]!)).type).toBe('verified')
  })

  it.for([
    ['NaN', 'return NaN', 'policy_out_of_bounds', 'sizing answered call 0 with NaN, expected 0 to 9007199254740992'],
    ['less than nothing', 'return -1', 'policy_out_of_bounds', 'call 0 with -1'],
    ['infinity', 'return Infinity', 'policy_out_of_bounds', 'call 0 with Infinity'],
    ['a promise', 'return Promise.resolve(1)', 'bad_answer', 'a promise'],
    ['an object', 'return { valueOf() { return 1 } }', 'bad_answer', 'a function'],
    ['nothing', '', 'bad_answer', 'undefined'],
    ['an error', 'throw new Error("no size")', 'threw', 'size.ts:3'],
    ['a change of what it is told', 'meta.close = 1; return 1', 'threw', 'TypeError'],
  ])('ends the run if it answers %s', async ([, body, reason, message]) => {
    const { outcome } = await claimOf(configOf(`export default class {\n  size(meta) {\n    ${body}\n  }\n}`))

    expect(outcome).toMatchObject({ kind: 'strategy_error', reason })
    expect(outcome.message).toContain(message)
  })

  it.for([
    ['no such export', 'export const other = 1', 'bad_answer'],
    ['no method', 'export default class {}', 'bad_answer'],
    ['a constructor that throws', 'export default class { constructor() { throw new Error("x") } }', 'threw'],
    ['a file that does not parse', 'export default class {', 'syntax'],
  ])('ends the run before its first bar: %s', async ([, source, reason]) => {
    const { outcome } = await claimOf(configOf(source!))

    expect(outcome).toMatchObject({ kind: 'strategy_error', reason })
  })

  it('is stopped by the watchdog if it never ends', async () => {
    const end = await play(configOf('export default class { size() { for (;;); } }'))

    expect(end.events.find((event) => event.type === 'fatal')).toMatchObject({ kind: 'bar_time' })
  })
})

function percent(share: number) {
  return { builtin: 'percentOfEquity', params: { percent: share } }
}
