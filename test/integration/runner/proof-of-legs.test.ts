import { afterAll, beforeAll, describe, it } from 'vitest'
import { symbolsOf, writePerpetual, writeSpot } from '../../support/proof/proof-data.ts'
import { openProofBench, type ProofBench } from '../../support/proof/proof-bench.ts'

/** Runs of each configuration with another seed; more of them by hand. */
const RUNS = Number(process.env['HOTCELL_TEST_PROOFS'] ?? 1)

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

/** A runner whose functions, asked over a port, know how the bar after the one that they are shown ends. */
const leakInto = (port: string, answer: string) => ({
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
      const row = series === null || port !== '${port}' ? -1 : series.time.findIndex((time) => args.includes(String(time)))
      if (row >= 0 && row + 1 < series!.rows && series!.close[row + 1]! > series!.open[row + 1]!) answer = ${answer}`,
      ),
})

describe('a proof of functions in proposals', () => {
  const benches = new Map<string, ProofBench>()
  const open = async (name: string, changes = {}): Promise<void> => {
    const bench = await openProofBench(changes)
    await writeSpot(bench.stores, 0)
    await writePerpetual(bench.stores, 0)
    benches.set(name, bench)
  }
  beforeAll(async () => {
    await open('honest')
    await open('leg', leakInto('leg', `typeof answer === 'number' ? answer * 0.999 : answer`))
    await open('exitResolver', leakInto('exitResolver', `'"O-L-H-C"'`))
  })
  afterAll(() => benches.forEach((bench) => bench[Symbol.dispose]()))

  it.for<[string, object]>([
    ['on spot', configOf()],
    [
      'sold short on a perpetual',
      configOf({ market: 'perpetual', interval: '4h', perpetual: { leverage: 2, allowShort: true } }, 'SELL'),
    ],
  ])('finds nothing in honest ones: %s', { timeout: 60_000 * RUNS }, async ([, config], { expect }) => {
    for (let run = 0; run < RUNS; run++) {
      const { outcome, proof, verdict } = await benches.get('honest')!.prove({ ...config, seed: String(run) })

      expect(outcome, outcome.message).toMatchObject({ kind: 'ok' })
      expect(proof).toMatchObject({ verdict: 'proved', covered: proof!.decisions, coveredAnswers: proof!.answers })
      expect(proof!.answers).toBeGreaterThan(20)
      expect(verdict).toMatchObject({ type: 'verified', run: { askedPorts: ['leg', 'exitResolver'] } })
    }
  })

  it.for(['leg', 'exitResolver'])(
    'names the first answer of a runner that knows the next bar: %s',
    async (port, { expect }) => {
      const unproved = await benches.get(port)!.run(configOf(), {})
      const { outcome, proof } = await benches.get(port)!.prove(configOf())

      expect(unproved.outcome, unproved.outcome.message).toMatchObject({ kind: 'ok' })
      expect(outcome).toMatchObject({ kind: 'tampered', reason: 'lookahead' })
      expect(outcome.message).toMatch(/at 20\d\d-.*\(answer \d+ of \d+\) it answers otherwise/)
      expect(proof).toMatchObject({ verdict: 'refuted', excludedLeakRate: null, refuted: { what: 'answer' } })
    },
  )
})
