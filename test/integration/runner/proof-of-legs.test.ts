import { describe, it } from 'vitest'
import { leakingAnswers } from '../../support/proof/leaking-runners.ts'
import { PROOF_RUNS, useProofBenches } from '../../support/proof/proof-benches.ts'
import { expectProved, expectRefuted } from '../../support/proof/proof-verdicts.ts'
import { symbolsOf } from '../../support/proof/proof-data.ts'

/** The proof of functions in proposals: their questions come from the host's replay, as those of policies do. */
const sourceOf = (direction: 'BUY' | 'SELL'): string => `import { BaseStrategy, TradeProposalBuilder } from 'hotcell'
let asked = 0
export default class S extends BaseStrategy {
  static away({ percent }, { bar }, lot) {
    asked += 1
    const base = lot === null ? bar.close : lot.entry
    return base * (1 - ${direction === 'BUY' ? 1 : -1} * (percent + (asked % 3) * 0.1 + 0.1 * Math.random()) / 100)
  }
  static later({ level }, { bar }) { return bar.close > level }
  static best(args, bar, worth) {
    asked += 1
    return (asked % 2 === 0) === worth['O-H-L-C'] > worth['O-L-H-C'] ? 'O-H-L-C' : 'O-L-H-C'
  }
  decide({ symbol, index, candles }) {
    if (index % 4 !== 1) return null
    const side = '${direction}'
    return new TradeProposalBuilder(symbol, 3, side)
      .leg({ quantity: 1, side })
      .leg({ quantity: 1, side, price: { fn: 'away', args: { percent: 0.5 } } })
      .leg({ quantity: 1, side, when: { fn: 'later', args: { level: candles.close[index] * 1.002 } } })
      .leg({ quantity: 0.5, side: '${direction === 'BUY' ? 'SELL' : 'BUY'}', price: { fn: 'away', args: { percent: -0.2 } } })
      .bracketExit({ tpPct: 0.3, slPct: 0.3, exitResolver: { fn: 'best' } }).build()
  }
}`

const configOf = (rest: object = {}, direction: 'BUY' | 'SELL' = 'BUY') => ({
  strategy: { module: 'main.js' },
  files: { 'main.js': sourceOf(direction) },
  symbols: [symbolsOf(0).one],
  interval: '1h',
  ...rest,
})

/** The bar after the one that is shown. */
const ROW = 'series.time.findIndex((_, row) => row > 0 && args.includes(String(series.time[row - 1])))'
/** Runners whose functions know how it ends. */
const LEAKING = {
  leg: leakingAnswers({ port: 'leg', row: ROW, answer: `typeof answer === 'number' ? answer * 0.999 : answer` }),
  exitResolver: leakingAnswers({ port: 'exitResolver', row: ROW, answer: `'"O-L-H-C"'` }),
}

describe('a proof of functions in proposals', () => {
  const benchOf = useProofBenches({ honest: {}, ...LEAKING })

  it.for<[string, object]>([
    ['on spot', configOf()],
    [
      'sold short on a perpetual',
      configOf({ market: 'perpetual', interval: '4h', perpetual: { leverage: 2, allowShort: true } }, 'SELL'),
    ],
  ])('finds nothing in honest ones: %s', { timeout: 60_000 * PROOF_RUNS }, async ([, config], { expect }) => {
    await expectProved(expect, benchOf('honest'), { config, subject: 'answer', ports: ['leg', 'exitResolver'] })
  })

  it.for(['leg', 'exitResolver'] as const)(
    'names the first answer of a runner that knows the next bar: %s',
    async (port, { expect }) => {
      await expectRefuted(expect, benchOf(port), { config: configOf(), subject: 'answer' })
    },
  )
})
