import { describe, it } from 'vitest'
import { LEAKING_CLOSES } from '../../support/proof/leaking-runners.ts'
import { PROOF_RUNS, useProofBenches } from '../../support/proof/proof-benches.ts'
import { expectProved, expectRefuted } from '../../support/proof/proof-verdicts.ts'
import { symbolsOf } from '../../support/proof/proof-data.ts'

/** The proof of portfolio strategies: the host's replay shows the account instant by instant. */
function configOf(onBar: string, rest: object = {}, members = ''): object {
  const source = `import { BaseStrategy } from 'hotcell'
export default class Own extends BaseStrategy {
  ${members}
  onBar(portfolio) {
    const { candles, index } = portfolio
    ${onBar}
  }
}
export class Cost {
  cost(fill) { return 0.0001 * fill.notional }
}
`
  const capacity = { builtin: 'unlimited' }
  return {
    strategy: { module: 'own.js' },
    files: { 'own.js': source },
    symbols: [symbolsOf(0).one],
    interval: '1h',
    capacity,
    ...rest,
  }
}

const TRADER = `
    this.seen = (this.seen ?? 0) + portfolio.equity
    Promise.resolve().then(() => { this.kept = (this.kept ?? 0) + 1 })
    const first = JSON.stringify([portfolio.lots, portfolio.orders, portfolio.position(portfolio.symbols[0])])
    const quantity = (this.kept % 2 === 1 ? 0.5 : 0.25) + (this.seen + first.length) % 0.125
    const position = portfolio.position(portfolio.symbols[0])
    for (const symbol of portfolio.symbols) {
      const frame = portfolio.frames[symbol]
      if (!frame.fresh) continue
      const close = frame.close[frame.index]
      if (portfolio.random() < 0.1 && close > frame.open[frame.index]) portfolio.submit({ symbol, side: 'buy', quantity, tpPct: 2, slPct: 1 })
      if (portfolio.random() < 0.1) portfolio.submit({ symbol, side: 'buy', quantity, type: 'stop', stopPrice: close * 1.01, trail: { percent: 1 } })
    }
    for (const order of portfolio.orders) if (portfolio.random() < 0.1) portfolio.cancel(order.id)
    if (position !== null && portfolio.random() < 0.1) portfolio.submit({ symbol: portfolio.symbols[0], side: position.side === 'long' ? 'sell' : 'buy', quantity: position.quantity / 2 })
    for (const lot of portfolio.lots) if (portfolio.random() < 0.05) portfolio.close(lot.id)`

const LEARNS = `requiredLookback() { return 20 }
  refitEvery = 100
  requiredIntervals() { return ['1d'] }
  requiredIndicators() { return [{ id: 'fast', kind: 'sma', params: { period: 5 } }] }
  fit({ candles }) { this.level = candles.close.at(-1) }`

const { one, late } = symbolsOf(0)

describe('a proof of a portfolio strategy', () => {
  const benchOf = useProofBenches({ honest: {}, leaking: LEAKING_CLOSES })

  it.for<[string, object]>([
    ['on one symbol', configOf(TRADER)],
    ['on two symbols, one listed late', configOf(TRADER, { symbols: [one, late].sort() })],
    [
      'that learns and has a higher interval',
      configOf(
        `const day = portfolio.higher('1d')
    if (day.index < 1 || !(candles.close[index] > this.level) || !(portfolio.indicators.fast[index] > 0)) return ${TRADER}`,
        {},
        LEARNS,
      ),
    ],
    ['with policies of the user', configOf(TRADER, { fee: { module: 'own.js', class: 'Cost' } })],
    [
      'on a perpetual',
      configOf(TRADER, { market: 'perpetual', interval: '4h', perpetual: { leverage: 3, onOpposite: 'close' } }),
    ],
  ])('finds nothing in an honest one: %s', { timeout: 60_000 * PROOF_RUNS }, async ([, config], { expect }) => {
    await expectProved(expect, benchOf('honest'), { config, subject: 'decision' })
  })

  it('finds nothing in one that does nothing', async ({ expect }) => {
    const { outcome, proof } = await benchOf('honest').prove(configOf(''))

    expect(outcome, outcome.message).toMatchObject({ kind: 'ok' })
    expect(proof).toMatchObject({ verdict: 'proved', decisions: 0, answers: 0 })
  })

  it('names the first decision of a runner that shows the next close', async ({ expect }) => {
    const config = configOf(`if (index % 3 !== 0) return
    if (portfolio.position() !== null) portfolio.close(portfolio.symbols[0])
    else if (candles.close[index] > candles.open[index] * 1.001) portfolio.submit({ side: 'buy', quantity: 1 })`)

    await expectRefuted(expect, benchOf('leaking'), { config, subject: 'decision' })
  })
})
