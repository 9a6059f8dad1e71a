import { describe, expect, it } from 'vitest'
import { decodeAnswerLog } from '../../../src/backtest/answer-log.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { useJudgedRuns } from '../../support/judged-runs.ts'
import { makeRunConfig } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Policies by code of the user, from the frames of a cell to the host's verdict. */
const { claimOf, judge } = useJudgedRuns(makeWalk({ symbol: 'AAA', rows: 3000 }))

/** Buys with a bracket and at limits, so that both lines of many bars are played. */
const STRATEGY = `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  decide({ index, candles }) {
    const close = candles.close[index]
    if (index % 7 === 0) return { signal: 'BUY', tpPct: 0.5, slPct: 0.5 }
    return index % 7 === 3 ? { signal: 'BUY', entryPrice: close * 0.999, slPct: 1 } : null
  }
}`

const POLICIES = `export const fee = ({ notional, liquidity }) => notional * (liquidity === 'maker' ? 0.0002 : 0.0004)
export const slippage = ({ side }, bar, gross) => gross * (side === 'buy' ? 1 + 5 / 10_000 : 1 - 5 / 10_000)
export const admit = (proposal, time, view) =>
  view.lots.length + view.orders.length < 1 || { admit: false, reason: 'one is enough' }
export const check = (proposal, quantity, view) => quantity * proposal.price < view.equity || { admit: false, reason: 'too much' }
export const fill = ({ quantity, price, limit, side }, { low, high }) =>
  price >= low && price <= high ? [{ quantity: quantity / 2, price }, { quantity: quantity / 4, price }] : []`

type Ports = Partial<Pick<RunConfig, 'fee' | 'slippage' | 'capacity' | 'risk' | 'fill'>>

const user = (name: string) => ({ module: 'policies.js', function: name })

const NAMES = { fee: 'fee', slippage: 'slippage', capacity: 'admit', risk: 'check', fill: 'fill' }
const USER: Required<Ports> = {
  fee: user(NAMES.fee),
  slippage: user(NAMES.slippage),
  capacity: user(NAMES.capacity),
  risk: user(NAMES.risk),
  fill: user(NAMES.fill),
}
const BUILTIN: Required<Ports> = {
  fee: { builtin: 'percent', params: { maker: 0.0002, taker: 0.0004 } },
  slippage: { builtin: 'bps', params: { bps: 5 } },
  capacity: { builtin: 'maxPositions', params: { max: 1 } },
  risk: { builtin: 'none', params: {} },
  fill: 'worst',
}

function configOf(ports: Ports, source = POLICIES): RunConfig {
  return makeRunConfig({
    strategy: { module: 'main.js', class: 'default', params: {} },
    files: [
      { path: 'main.js', source: STRATEGY },
      { path: 'policies.js', source },
    ],
    sizing: { builtin: 'percentOfEquity', params: { percent: 40 } },
    ...BUILTIN,
    ...ports,
  })
}

const recordsOf = ({ records }: RunnerResult) => decodeRecords(Buffer.from(records!, 'base64'))

describe('policies by code of the user', () => {
  it.for(['fee', 'slippage', 'capacity', 'risk', 'fill'] as const)(
    'give the same fills as the built-in %s that they repeat, and the host replays them from the log',
    async (port) => {
      const config = configOf({ [port]: USER[port] })
      const [own, builtin] = [await claimOf(config), await claimOf(configOf({}))]
      const fills = (result: RunnerResult) => recordsOf(result).filter(({ kind }) => kind === 'fill')

      expect(own.outcome).toMatchObject({ kind: 'ok' })
      expect(fills(own).length).toBeGreaterThan(100)
      expect(fills(own)).toEqual(fills(builtin))
      expect(decodeAnswerLog(own.answers!).ports).toMatchObject([{ port }])
      expect(judge(config, own)).toMatchObject({ type: 'verified', run: { askedPorts: [port] } })
    },
  )

  it('together, and the log holds both lines of a bar', async () => {
    const config = configOf(USER)
    const claim = await claimOf(config)
    const { ports } = decodeAnswerLog(claim.answers!)
    const fills = recordsOf(claim).filter(({ kind }) => kind === 'fill').length

    expect(ports.map(({ port }) => port)).toEqual(['fee', 'slippage', 'capacity', 'risk', 'fill'])
    // One of each admission of a market order and two of each fill at an open, one per line of each fill inside a bar.
    expect(ports[0]!.calls).toBeGreaterThan(1.5 * fills)
    expect(judge(config, claim).type).toBe('verified')
  })

  it('writes no row for the neutral answers', async () => {
    const neutral = `export const slippage = (order, bar, gross) => gross
export const admit = () => true
export const check = () => true
export const fill = () => []`
    const { fee: _fee, ...ports } = USER
    const config = configOf(ports, neutral)
    const claim = await claimOf(config)

    for (const port of decodeAnswerLog(claim.answers!).ports) {
      expect(port.calls).toBeGreaterThan(20)
      expect(port.call.length).toBe(0)
    }
    expect(judge(config, claim).type).toBe('verified')
  })

  it('stand beside the same decisions under the built-in defaults where fees or slippage are claimed', async () => {
    const variantsOf = async (ports: Ports) => {
      const config = configOf(ports)
      const verdict = judge(config, await claimOf(config))
      return verdict.type === 'verified' ? verdict.run : null
    }
    const [own, builtin, sized] = [
      await variantsOf({ fee: USER.fee, slippage: USER.slippage }),
      await variantsOf({ slippage: { builtin: 'bps', params: { bps: 0 } } }),
      await variantsOf({ capacity: USER.capacity }),
    ]

    const { summary } = builtin!.analysis
    expect(own!.variants.underDefaults).toMatchObject({
      finalEquity: summary.finalEquity,
      fills: summary.counts.fills,
      fees: summary.counts.fees,
      slippage: 0,
    })
    expect(builtin!.variants).toEqual({ underDefaults: null, rerun: null, missing: {} })
    expect(sized!.variants.underDefaults).toBeNull()
  })

  it('replays prices of the user, which stand beside the defaults, and notices another one', async () => {
    const source = `export const fill = ({ quantity, kind }, { low }) => kind === 'entry' ? [{ quantity, price: low }] : []`
    const config = configOf({ fill: USER.fill }, source)
    const claim = await claimOf(config)
    const verdict = judge(config, claim)
    if (verdict.type !== 'verified') throw new Error(verdict.type)
    const { analysis, variants, askedPorts } = verdict.run
    const moved = claim.answers!.strings.with(0, claim.answers!.strings[0]!.replace(/"price":\d+/, '"price":1'))

    expect(askedPorts).toEqual(['fill'])
    expect(analysis.summary.counts.fills).toBeGreaterThan(100)
    expect(variants.underDefaults!.finalEquity).not.toBe(analysis.summary.finalEquity)
    expect(judge(config, { ...claim, answers: { ...claim.answers!, strings: moved } }).type).toBe('tampered')
  })

  it('is tampered with if the log says another fee, or a neutral answer is written', async () => {
    const config = configOf({ fee: USER.fee })
    const claim = await claimOf(config)
    const [port] = claim.answers!.ports
    const numbers = new Float64Array(Uint8Array.from(Buffer.from(port!.number, 'base64')).buffer)
    const forge = (change: (fee: number) => number): RunnerResult => {
      const changed = Float64Array.from(numbers, change)
      const number = Buffer.from(changed.buffer).toString('base64')
      return { ...claim, answers: { strings: [], ports: [{ ...port!, number }] } }
    }

    expect(
      judge(
        config,
        forge((fee) => fee),
      ).type,
    ).toBe('verified')
    expect(
      judge(
        config,
        forge((fee) => fee / 2),
      ).type,
    ).toBe('tampered')
    expect(
      judge(
        config,
        forge((fee) => fee * 1e6),
      ).type,
    ).toBe('tampered')
  })

  it.for([
    ['fee', 'return NaN', 'policy_out_of_bounds', 'The fee answered call 0 with NaN, expected'],
    ['fee', 'return event.notional * 0.051', 'policy_out_of_bounds', 'call 0'],
    ['fee', 'return -event.notional * 0.0011', 'policy_out_of_bounds', 'call 0'],
    ['fee', 'return Infinity', 'policy_out_of_bounds', 'call 0'],
    ['fee', 'return "1"', 'bad_answer', '"1"'],
    ['fee', 'return Promise.resolve(1)', 'bad_answer', 'a promise'],
    ['fee', 'return { get fee() { throw new TypeError("got") } }', 'threw', 'got'],
    ['fee', 'return { then: 1, a: { b: NaN } }', 'policy_out_of_bounds', 'finite'],
    ['fee', 'event.notional = 0; return 0', 'threw', 'TypeError'],
    ['slippage', 'return gross * 0.999', 'policy_out_of_bounds', 'The slippage answered call 0'],
    ['slippage', 'return gross * 1.2', 'policy_out_of_bounds', 'call 0'],
    ['slippage', 'return [gross]', 'bad_answer', 'an array'],
    ['slippage', 'return null', 'bad_answer', 'null'],
    ['capacity', 'return false', 'bad_answer', 'expected true or {admit: false, reason}'],
    ['capacity', 'return { admit: false }', 'bad_answer', 'an object of another shape'],
    ['capacity', 'return { admit: false, reason: "x", more: 1 }', 'bad_answer', 'an object of another shape'],
    ['capacity', 'return { admit: false, reason: "x".repeat(201) }', 'policy_out_of_bounds', '201 characters'],
    ['fill', 'return [{ quantity: NaN, price: bar.low }]', 'policy_out_of_bounds', 'finite'],
    [
      'fill',
      'return [{ quantity: event.quantity, price: bar.high * 1.01 }]',
      'policy_out_of_bounds',
      'with a price of',
    ],
    ['fill', 'return [{ quantity: event.quantity, price: bar.low * 0.99 }]', 'policy_out_of_bounds', 'with a price of'],
    ['fill', 'return [{ quantity: event.quantity * 1.01, price: bar.low }]', 'policy_out_of_bounds', 'in all'],
    ['fill', 'return [{ quantity: -1, price: bar.low }]', 'policy_out_of_bounds', 'quantity of -1'],
    ['fill', 'return Array(1001).fill({ quantity: 1e-9, price: bar.low })', 'policy_out_of_bounds', '1001 parts'],
    ['fill', 'return [{ quantity: 1 }]', 'bad_answer', 'another shape'],
    ['fill', 'return [{ quantity: 1, price: bar.low, more: 1 }]', 'bad_answer', 'another shape'],
    ['fill', 'return { quantity: 1, price: bar.low }', 'bad_answer', 'expected an array'],
    ['fill', 'return null', 'bad_answer', 'null'],
    ['fill', 'return Promise.resolve([])', 'bad_answer', 'a promise'],
    ['fill', 'return [{ quantity: 1, get price() { throw new TypeError("got") } }]', 'threw', 'got'],
    ['fill', 'gross.cash = 1; return []', 'threw', 'TypeError'],
    ['risk', 'return { admit: true }', 'bad_answer', 'an object of another shape'],
    ['risk', 'return new Proxy({}, { ownKeys() { throw new Error("trap") } })', 'threw', 'trap'],
    ['risk', 'return () => true', 'bad_answer', 'a function'],
  ])('of %s that answer "%s" end the run', async ([port, body, reason, message]) => {
    const source = `export function ${NAMES[port as 'fee']}(event, bar, gross) { ${body} }`
    const { outcome } = await claimOf(configOf({ [port as 'fee']: USER[port as 'fee'] }, source))

    expect(outcome).toMatchObject({ kind: 'strategy_error', reason })
    expect(outcome.message).toContain(message)
    expect(outcome.lastBarTime).toBeGreaterThan(0)
  })
})
