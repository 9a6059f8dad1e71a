import { afterAll, beforeAll, describe, it } from 'vitest'
import { moduleStrategy, TREND } from '../../support/proof/honest-strategies.ts'
import { symbolsOf, writePerpetual, writeSpot } from '../../support/proof/proof-data.ts'
import { openProofBench, type ProofBench } from '../../support/proof/proof-bench.ts'

/** Runs of each configuration with another seed; more of them by hand. */
const RUNS = Number(process.env['HOTCELL_TEST_PROOFS'] ?? 1)

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
const LEAKY = {
  'runner-image/tasks/user-code.ts': (text: string): string =>
    text
      .replace(
        'const { config, plan, decisions } = task',
        'const { config, plan, decisions } = task; future.series = task.series[0] ?? null',
      )
      .replace(
        'type Ports =',
        'const future: { series: ExecuteTask["series"][number] | null } = { series: null }\ntype Ports =',
      )
      .replace(
        'const answer = deciding(() => realm.ask(port, args))',
        `let answer = deciding(() => realm.ask(port, args))
      const { series } = future
      const row = series === null || port !== 'sizing' ? -1 : series.time.indexOf((JSON.parse(args) as { time: number }[])[2]!.time)
      if (row >= 0 && series!.close[row]! > series!.open[row]!) answer = Number(answer) * 1.5`,
      ),
}

describe('a proof of user policies', () => {
  const benches: ProofBench[] = []
  beforeAll(async () => {
    for (const changes of [{}, LEAKY]) {
      const bench = await openProofBench(changes)
      await writeSpot(bench.stores, 0)
      await writePerpetual(bench.stores, 0)
      benches.push(bench)
    }
  })
  afterAll(() => benches.forEach((bench) => bench[Symbol.dispose]()))

  it.for<[string, object]>([
    ['with a strategy of files', configOf()],
    ['with a built-in strategy', configOf({ strategy: { builtin: 'SmaCrossover', params: { fast: 3, slow: 9 } } })],
    ['with a fee of the user too', configOf({ fee: FEE })],
    ['with fills of the user too', configOf({ fill: FILL })],
    ['on a perpetual', configOf({ market: 'perpetual', interval: '4h', perpetual: { leverage: 3 }, fill: FILL })],
  ])('finds nothing in honest ones: %s', { timeout: 60_000 * RUNS }, async ([, config], { expect }) => {
    for (let run = 0; run < RUNS; run++) {
      const { outcome, proof } = await benches[0]!.prove({ ...config, seed: String(run) })

      expect(outcome, outcome.message).toMatchObject({ kind: 'ok' })
      expect(proof).toMatchObject({ verdict: 'proved', covered: proof!.decisions, coveredAnswers: proof!.answers })
      expect(proof!.answers).toBeGreaterThan(20)
    }
  })

  it('names the first answer of a runner that knows how the bar ends', async ({ expect }) => {
    const unproved = await benches[1]!.run(configOf(), {})
    const { outcome, proof } = await benches[1]!.prove(configOf())

    expect(unproved.outcome, unproved.outcome.message).toMatchObject({ kind: 'ok' })
    expect(outcome).toMatchObject({ kind: 'tampered', reason: 'lookahead' })
    expect(outcome.message).toMatch(/at 20\d\d-.*\(answer \d+ of \d+\) it answers otherwise/)
    expect(proof).toMatchObject({ verdict: 'refuted', excludedLeakRate: null, refuted: { what: 'answer' } })
  })
})
