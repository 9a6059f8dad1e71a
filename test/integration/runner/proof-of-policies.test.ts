import { describe, it } from 'vitest'
import { moduleStrategy, TREND } from '../../support/proof/honest-strategies.ts'
import { leakingAnswers } from '../../support/proof/leaking-runners.ts'
import { PROOF_RUNS, useProofBenches } from '../../support/proof/proof-benches.ts'
import { expectProved, expectRefuted } from '../../support/proof/proof-verdicts.ts'
import { symbolsOf } from '../../support/proof/proof-data.ts'

/** The proof of code of the user that phase 2 asks: questions come from the host's replay, slice by slice. */
const POLICIES = `let calls = 0
export class Size {
  constructor({ share }) { this.share = share; this.seen = 0; this.kept = 0 }
  size(meta, action, view) {
    this.seen += view.equity
    Promise.resolve().then(() => { this.kept += 1 })
    return (view.cash * this.share * (0.5 + Math.random()) * (1 + (this.kept % 3)) * (this.seen > 0 ? 1 : 0)) / meta.close
  }
}
export function cost(fill) { calls += 1; return (calls % 2) * 0.0001 * fill.notional }
export const fill = ({ kind, quantity }, { low }) => kind === 'entry' ? [{ quantity: quantity * Math.random(), price: low }] : []
`
const SIZING = { module: 'policies.js', class: 'Size', params: { share: 0.2 } }

const configOf = (rest: object = {}) => {
  const { strategy, files } = moduleStrategy(TREND) as { strategy: object; files: object }
  const policies = { 'policies.js': POLICIES }
  const { one } = symbolsOf(0)
  return { strategy, files: { ...files, ...policies }, symbols: [one], interval: '1h', sizing: SIZING, ...rest }
}

const FEE = { module: 'policies.js', function: 'cost' }
const FILL = { module: 'policies.js', function: 'fill' }

/** A runner whose sizing knows how the bar ends that the order is filled in. */
const LEAKING = leakingAnswers({
  port: 'sizing',
  row: 'series.time.indexOf((JSON.parse(args) as { time: number }[])[2]!.time)',
  answer: 'Number(answer) * 1.5',
})

describe('a proof of user policies', () => {
  const benchOf = useProofBenches({ honest: {}, leaking: LEAKING })

  it.for<[string, object]>([
    ['with a strategy of files', configOf()],
    ['with a built-in strategy', configOf({ strategy: { builtin: 'SmaCrossover', params: { fast: 3, slow: 9 } } })],
    ['with a fee of the user too', configOf({ fee: FEE })],
    ['with fills of the user too', configOf({ fill: FILL })],
    ['on a perpetual', configOf({ market: 'perpetual', interval: '4h', perpetual: { leverage: 3 }, fill: FILL })],
  ])('finds nothing in honest ones: %s', { timeout: 60_000 * PROOF_RUNS }, async ([, config], { expect }) => {
    await expectProved(expect, benchOf('honest'), { config, subject: 'answer' })
  })

  it('names the first answer of a runner that knows how the bar ends', async ({ expect }) => {
    await expectRefuted(expect, benchOf('leaking'), { config: configOf(), subject: 'answer' })
  })
})
