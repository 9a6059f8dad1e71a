import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { BUILTIN_STRATEGIES, resolveBuiltinStrategy } from '../../../src/strategies/builtin-catalogue.ts'
import { encodeInput, makeHeader, makeRunConfig, runRunner, writeRunnerProgram } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** The program of the cell under plain Node: what does not need a container is shown here. */
let directory = ''
let main = ''
beforeAll(async () => {
  // Inside the project, so that isolated-vm is found as a package.
  directory = mkdtempSync(join(import.meta.dirname, '../../../node_modules/.cache-runner-'))
  main = await writeRunnerProgram(directory)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

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
      const { result } = await runRunner(main, encodeInput(makeHeader(config, { workers }), series))
      const { timings: _timings, usage: _usage, ...claim } = result!
      claims.push(claim)
    }

    expect(claims[0]!.outcome.kind).toBe('ok')
    expect(claims[0]!.decisions!.rows).toBeGreaterThanOrEqual(builtin === 'BuyAndHold' ? SYMBOLS.length : 400)
    for (const claim of claims) expect(claim).toEqual(claims[0])
  })
})
