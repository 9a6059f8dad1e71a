import { describe, expect, it } from 'vitest'
import { decodeDecisionLog, unpackDecisions } from '../../../src/backtest/decision-codec.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import type { EngineRecord } from '../../../src/backtest/records.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { useJudgedRuns } from '../../support/judged-runs.ts'
import { makeRunConfig } from '../../support/runner-program.ts'
import { PERPETUAL } from '../../support/sample-perpetual.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Portfolio strategies, from the frames of a cell to the host's verdict. */
const A = makeWalk({ symbol: 'AAA', rows: 2000 })
const B = makeWalk({ symbol: 'BBB', rows: 1500 })
const { play, claimOf, judge } = useJudgedRuns(A, B)

function configOf(body: string, changes: Partial<RunConfig> = {}): RunConfig {
  const source = `import { BaseStrategy, type Portfolio } from 'hotcell'
export default class Own extends BaseStrategy {
${body}
}`
  return makeRunConfig({
    strategy: { module: 'main.ts', class: 'default', params: {} },
    files: [{ path: 'main.ts', source }],
    capacity: { builtin: 'unlimited', params: {} },
    ...changes,
  })
}

const recordsOf = (claim: RunnerResult): EngineRecord[] => [...decodeRecords(Buffer.from(claim.records!, 'base64'))]

const TRADER = `
  requiredLookback() { return 20 }
  requiredIndicators() { return [{ id: 'fast', kind: 'sma', params: { period: 5 } }] }
  onBar(portfolio: Portfolio) {
    for (const symbol of portfolio.symbols) {
      const frame = portfolio.frames[symbol]
      if (!frame.fresh) continue
      const close = frame.close[frame.index]
      if (frame.close[frame.index + 1] === frame.close[frame.index + 1]) throw new Error('sees the future')
      const position = portfolio.position(symbol)
      if (portfolio.random() < 0.02) portfolio.submit({ symbol, side: 'buy', quantity: 0.5, tpPct: 2, slPct: 1 })
      if (portfolio.random() < 0.05) portfolio.submit({ symbol, side: 'buy', quantity: 0.25, type: 'limit', limitPrice: close * 0.995 })
      if (portfolio.random() < 0.02) portfolio.submit({ symbol, side: 'buy', quantity: 0.25, type: 'stop', stopPrice: close * 1.01, trail: { percent: 1 } })
      for (const order of portfolio.orders) if (order.symbol === symbol && portfolio.random() < 0.1) portfolio.cancel(order.id)
      if (position !== null && portfolio.random() < 0.05) portfolio.submit({ symbol, side: 'sell', quantity: position.quantity / 2 })
      for (const lot of portfolio.lots) if (portfolio.random() < 0.02) portfolio.close(lot.id)
      if (portfolio.random() < 0.01) portfolio.close(symbol)
    }
  }`

describe('portfolio strategies', () => {
  it('are asked in phase 2, and the host replays what they did to the same bytes', async () => {
    const config = configOf(TRADER, { symbols: ['AAA', 'BBB'] })
    const claim = await claimOf(config)

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    const rows = unpackDecisions(decodeDecisionLog(claim.decisions!))
    for (const action of ['order', 'cancel', 'close']) {
      expect(rows.filter((row) => row.action === action).length).toBeGreaterThan(20)
    }
    const kinds = new Set(recordsOf(claim).map(({ kind, reason }) => `${kind} ${reason}`))
    for (const kind of ['fill entry', 'fill exit', 'fill take_profit', 'fill trailing_stop', 'cancel cancelled']) {
      expect(kinds).toContain(kind)
    }
    expect(judge(config, claim)).toMatchObject({ type: 'verified', run: { askedPorts: [] } })
  })

  it('see the account as it is after what they did before', async () => {
    const config = configOf(`
  seen = []
  onBar(portfolio: Portfolio) {
    const { index } = portfolio
    if (index === 3) {
      this.first = portfolio.submit({ side: 'buy', quantity: 2, slPct: 50 })
      this.second = portfolio.submit({ side: 'buy', quantity: 1, type: 'limit', limitPrice: 0.01 })
    }
    if (index === 4) {
      if (this.first !== 1 || this.second !== 2) throw new Error('ids ' + this.first + ' ' + this.second)
      const { quantity, side, entryPrice } = portfolio.position()
      if (quantity !== 2 || side !== 'long' || entryPrice !== portfolio.candles.open[4]) throw new Error('position')
      const [lot] = portfolio.lots
      if (lot.order !== 1 || lot.tpPrice !== null || lot.slPrice !== entryPrice / 2) throw new Error('lot ' + JSON.stringify(lot))
      const [order] = portfolio.orders
      if (order.id !== 2 || order.limitPrice !== 0.01 || order.stopPrice !== null || order.type !== 'limit') throw new Error('order')
      if (Math.abs(portfolio.cash + 2 * portfolio.candles.close[4] - portfolio.equity) > 1e-6) throw new Error('equity')
      if (portfolio.cancel(77) !== false || portfolio.cancel(2) !== true || portfolio.cancel(2) !== false) throw new Error('cancel')
    }
    if (index === 5) {
      if (portfolio.orders.length !== 0 || portfolio.lots.length !== 1) throw new Error('not cancelled')
      if (portfolio.close('AAA') !== 4) throw new Error('close')
    }
    if (index === 6 && (portfolio.position() !== null || portfolio.close('AAA') !== null)) throw new Error('not closed')
    if (index === 6) portfolio.log('info', 'done')
  }`)
    const end = await play(config)

    expect(end.result!.outcome).toMatchObject({ kind: 'ok' })
    expect(end.events.filter((event) => event.type === 'log')).toMatchObject([{ text: 'done' }])
    expect(recordsOf(end.result!).map(({ kind, decision }) => [kind, decision])).toEqual([
      ['admit', 1],
      ['admit', 2],
      ['fill', 1],
      ['cancel', 3],
      ['close', 4],
      ['fill', 4],
    ])
    expect(judge(config, end.result!).type).toBe('verified')
  })

  it('let a target and a stop rest against a position', async () => {
    const config = configOf(`
  onBar(portfolio: Portfolio) {
    const position = portfolio.position()
    const close = portfolio.candles.close[portfolio.index]
    if (position === null) {
      if (portfolio.orders.length > 0) throw new Error('left over')
      portfolio.submit({ side: 'buy', quantity: 1 })
    } else if (portfolio.orders.length === 0) {
      const half = { side: 'sell', quantity: 0.5 }
      portfolio.submit({ ...half, type: 'limit', limitPrice: close * 1.005 })
      portfolio.submit({ ...half, quantity: 3, reduceOnly: true, type: 'stop', stopPrice: close * 0.99 })
    } else if (portfolio.orders.some((order) => !order.reduceOnly || order.side !== 'sell')) throw new Error('orders')
  }`)
    const claim = await claimOf(config)

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    const exits = recordsOf(claim).filter(({ reason }) => reason === 'exit')
    expect(exits.filter(({ orderType }) => orderType === 'limit').length).toBeGreaterThan(20)
    expect(exits.filter(({ orderType }) => orderType === 'stop').length).toBeGreaterThan(10)
    expect(judge(config, claim).type).toBe('verified')
  })

  it('let a stop that trails rest against a position, and see where it is', async () => {
    const config = configOf(`
  onBar(portfolio: Portfolio) {
    const close = portfolio.candles.close[portfolio.index]
    if (portfolio.position() === null) portfolio.submit({ side: 'buy', quantity: 1 })
    else if (portfolio.orders.length === 0) {
      portfolio.submit({ side: 'sell', quantity: 1, reduceOnly: true, type: 'stop', stopPrice: close * 0.99, trail: { percent: 1 } })
      this.stop = 0
    } else {
      const { stopPrice } = portfolio.orders[0]
      if (stopPrice < this.stop) throw new Error('loosened')
      if (this.stop > 0 && stopPrice > this.stop) portfolio.log('info', 'moved')
      this.stop = stopPrice
    }
  }
  stop = 0`)
    const end = await play(config)
    const claim = end.result!

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    expect(end.events.filter((event) => event.type === 'log').length).toBeGreaterThan(20)
    expect(recordsOf(claim).filter(({ kind, reason }) => kind === 'fill' && reason === 'exit').length).toBeGreaterThan(
      20,
    )
    expect(judge(config, claim).type).toBe('verified')
  })

  it('trade both sides of perpetuals', async () => {
    const body = `
  onBar(portfolio: Portfolio) {
    const { index } = portfolio
    if (index % 40 === 10) portfolio.submit({ side: 'sell', quantity: 3, slPct: 1, tpPct: 2 })
    if (index % 40 === 20) portfolio.submit({ side: 'buy', quantity: 5, trail: { percent: 2 } })
    if (index % 40 === 30) portfolio.submit({ side: portfolio.position()?.side === 'long' ? 'sell' : 'buy', quantity: 50, reduceOnly: true })
    if (portfolio.position() !== null && portfolio.position().quantity > 5.001) throw new Error('not netted')
  }`
    const config = configOf(body, { market: 'perpetual', perpetual: PERPETUAL })
    const claim = await claimOf(config)

    expect(claim.outcome).toMatchObject({ kind: 'ok' })
    const fills = recordsOf(claim).filter(({ kind }) => kind === 'fill')
    expect(fills.filter(({ reason, side }) => reason === 'entry' && side === 'sell').length).toBeGreaterThan(20)
    expect(fills.filter(({ reason }) => reason === 'exit').length).toBeGreaterThan(20)
    expect(judge(config, claim).type).toBe('verified')
  })

  it.for([
    [
      'a reduce-only order with a stop',
      `portfolio.submit({ side: 'sell', quantity: 1, reduceOnly: true, slPct: 1 })`,
      'bad_decision',
    ],
    [
      'a reduce-only order that trails, but is no stop',
      `portfolio.submit({ side: 'sell', quantity: 1, reduceOnly: true, trail: { percent: 1 } })`,
      'bad_decision',
    ],
    ['an unknown field', `portfolio.submit({ side: 'buy', quantity: 1, price: 3 })`, 'bad_decision'],
    ['a quantity that is no number', `portfolio.submit({ side: 'buy', quantity: NaN })`, 'bad_decision'],
    ['a limit without a price', `portfolio.submit({ side: 'buy', quantity: 1, type: 'limit' })`, 'bad_decision'],
    ['two take profits', `portfolio.submit({ side: 'buy', quantity: 1, tpPct: 1, tpPrice: 1e9 })`, 'bad_decision'],
    ['an error that is caught', `try { portfolio.submit({}) } catch {}`, 'bad_decision'],
    ['a symbol of another run', `portfolio.close('ZZZ')`, 'bad_decision'],
    ['a promise', `return Promise.resolve()`, 'bad_answer'],
    ['an error of its own', `throw new Error('mine')`, 'threw'],
    [
      'a thousand orders and one',
      `for (let i = 0; i < 1001; i++) portfolio.submit({ side: 'buy', quantity: 1 })`,
      'too_many_orders',
    ],
  ])('end with the place where it happened: %s', async ([, line, reason]) => {
    const config = configOf(`
  onBar(portfolio: Portfolio) {
    if (portfolio.index === 7) ${line}
  }`)
    const { outcome } = await claimOf(config)

    expect(outcome).toMatchObject({ kind: 'strategy_error', reason, lastBarTime: A.time[8] })
    if (reason !== 'bad_answer') expect(outcome.location).toMatchObject({ file: 'main.ts', line: 5 })
  })

  it('are not believed where their log was changed', async () => {
    const config = configOf(TRADER)
    const claim = await claimOf(config)
    const size = claim.decisions!.fields.find(({ name }) => name === 'size')!
    const values = new Float64Array(Uint8Array.from(Buffer.from(size.bytes, 'base64')).buffer)
    values[values.findIndex((value) => value === 0.5)] = 0.75
    const fields = claim.decisions!.fields.map((field) =>
      field === size ? { ...field, bytes: Buffer.from(values.buffer).toString('base64') } : field,
    )

    expect(judge(config, { ...claim, decisions: { ...claim.decisions!, fields } }).type).toBe('tampered')
  })
})
