import { describe, it } from 'vitest'
import { BUILTIN_STRATEGIES, resolveBuiltinStrategy } from '../../../src/strategies/builtin-catalogue.ts'
import { encodeInput, makeHeader, makeRunConfig, useRunnerProgram } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** The program of the cell under plain Node: what does not need a container is shown here. */
const runRunner = useRunnerProgram()

const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD']
/** Together more than 4 MB of candles: with fewer a built-in runs in the supervisor's own thread. */
const SERIES = SYMBOLS.map((symbol, i) => makeWalk({ symbol, rows: 30_000 + 100 * i, seed: i + 1 }))

describe.each(BUILTIN_STRATEGIES)('%s', (builtin) => {
  it('gives the same result with 1, 2 and 4 workers and with the series in another order', async ({ expect }) => {
    const spec = resolveBuiltinStrategy(builtin, {})
    const config = makeRunConfig({ strategy: spec, symbols: SYMBOLS })
    const claims = []
    for (const [workers, series] of [
      [1, SERIES],
      [2, SERIES],
      [4, [...SERIES].reverse()],
    ] as const) {
      const { result } = await runRunner(encodeInput(makeHeader(config, { workers }), series))
      const { timings: _timings, usage: _usage, ...claim } = result!
      claims.push(claim)
    }

    expect(claims[0]!.outcome.kind).toBe('ok')
    expect(claims[0]!.decisions!.rows).toBeGreaterThanOrEqual(builtin === 'BuyAndHold' ? SYMBOLS.length : 400)
    for (const claim of claims) expect(claim).toEqual(claims[0])
  })
})
