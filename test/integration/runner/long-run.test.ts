import { describe, expect, it } from 'vitest'
import { useJudgedRuns } from '../../support/judged-runs.ts'
import { makeRunConfig } from '../../support/runner-program.ts'
import { PERPETUAL } from '../../support/sample-perpetual.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Runs over enough candles (over 4 MB) that the cell starts its threads, and warms the engine in them, before the candles are there. */
const { claimOf } = useJudgedRuns(makeWalk({ symbol: 'AAA', rows: 90_000 }))

const STRATEGY = { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } }

describe('a run over many candles', () => {
  it('is played on a perpetual', async () => {
    const config = makeRunConfig({ strategy: STRATEGY, market: 'perpetual', perpetual: PERPETUAL })
    const { outcome } = await claimOf(config)

    expect(outcome).toMatchObject({ kind: 'ok' })
  })

  it('is played with a policy of files', async () => {
    const source = 'export function size(meta) { return 1 / meta.close }'
    const config = makeRunConfig({
      strategy: STRATEGY,
      files: [{ path: 'size.js', source }],
      sizing: { module: 'size.js', function: 'size' },
    })
    const { outcome } = await claimOf(config)

    expect(outcome).toMatchObject({ kind: 'ok' })
  })
})
