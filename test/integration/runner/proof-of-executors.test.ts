import { describe, it } from 'vitest'
import { moduleStrategy } from '../../support/proof/honest-strategies.ts'
import { leakingAnswers } from '../../support/proof/leaking-runners.ts'
import { PROOF_RUNS, useProofBenches } from '../../support/proof/proof-benches.ts'
import { expectProved, expectRefuted } from '../../support/proof/proof-verdicts.ts'
import { symbolsOf } from '../../support/proof/proof-data.ts'

/** The proof of order types by code of the user, which remember, draw numbers and fill over several bars. */
const EXECUTORS = `let asked = 0
export class Iceberg {
  constructor({ share }) { this.share = share; this.seen = new Map() }
  execute({ id, size, quantity }, { low, high, close }, { cash }) {
    const bars = this.seen.get(id) ?? 0
    this.seen.set(id, bars + 1)
    if (bars % 3 === 2) return []
    const part = Math.min(quantity, size * this.share * (0.5 + Math.random()))
    return [{ quantity: part / 2, price: cash > 0 ? close : high }, { quantity: part / 2, price: low }]
  }
}
export const patient = ({ quantity }, { open, close }) => {
  asked += 1
  return close < open || asked % 4 === 0 ? [{ quantity, price: close }] : []
}
`
const DECIDES = `
    if (index % 5 === 0) return { signal: index % 15 === 10 ? 'SELL' : 'BUY', entryType: 'iceberg', slPct: 2, tpPct: 2 }
    return index % 5 === 3 ? { signal: 'BUY', entryType: 'patient', timeInForce: 'day' } : null`

const configOf = (rest: object = {}) => {
  const { strategy, files } = moduleStrategy(DECIDES) as { strategy: object; files: object }
  return {
    strategy,
    files: { ...files, 'executors.js': EXECUTORS },
    symbols: [symbolsOf(0).one],
    interval: '1h',
    sizing: { builtin: 'percentOfEquity', params: { percent: 20 } },
    capacity: 'unlimited',
    execution: { onSame: 'add' },
    executors: {
      iceberg: { module: 'executors.js', class: 'Iceberg', params: { share: 0.3 } },
      patient: { module: 'executors.js', function: 'patient' },
    },
    ...rest,
  }
}

/** A runner whose executors fill nothing in a bar before one that rises. */
const LEAKING = leakingAnswers({
  port: 'executor',
  row: 'series.time.indexOf((JSON.parse(args) as { time: number }[])[2]!.time) + 1',
  answer: `'[]'`,
})

describe('a proof of order types of the user', () => {
  const benchOf = useProofBenches({ honest: {}, leaking: LEAKING })

  it.for<[string, object]>([
    ['on spot', configOf()],
    [
      'under a participation cap on a perpetual',
      configOf({
        market: 'perpetual',
        interval: '4h',
        perpetual: { leverage: 2, allowShort: true, onOpposite: 'reverse' },
        execution: { onSame: 'add', participation: 0.001 },
      }),
    ],
  ])('finds nothing in honest ones: %s', { timeout: 60_000 * PROOF_RUNS }, async ([, config], { expect }) => {
    await expectProved(expect, benchOf('honest'), { config, subject: 'answer', ports: ['executor'] })
  })

  it('names the first answer of a runner that knows the bar after the one that is filled', async ({ expect }) => {
    await expectRefuted(expect, benchOf('leaking'), { config: configOf(), subject: 'answer' })
  })
})
