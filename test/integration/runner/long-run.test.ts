import { describe, expect, it } from 'vitest'
import type { Instrument } from '../../../src/instruments/instrument.ts'
import { encodeInput, makeHeader, makeRunConfig, useRunnerProgram } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** Runs over enough candles that the cell starts its threads, and warms the engine in them, before the candles are there. */
const runRunner = useRunnerProgram()

/** Over 4 MB. */
const SERIES = makeWalk({ symbol: 'AAA', rows: 90_000 })
const STRATEGY = { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } }
const INSTRUMENT: Instrument = {
  symbol: 'AAA',
  market: 'perpetual',
  base: 'AAA',
  quote: 'USDT',
  multiplier: '1',
  calendar: '24/7',
  tick: null,
  step: '0.001',
  minQuantity: null,
  minNotional: null,
  marginTiers: [{ floor: '0', cap: null, maintenanceMarginRate: '0.004' }],
}

describe('a run over many candles', () => {
  it('is played on a perpetual', async () => {
    const config = makeRunConfig({
      strategy: STRATEGY,
      market: 'perpetual',
      perpetual: {
        leverage: 3,
        marginMode: 'isolated',
        allowShort: true,
        onOpposite: 'close',
        mark: 'last',
        funding: 'none',
      },
    })
    const end = await runRunner(encodeInput(makeHeader(config, { instruments: [INSTRUMENT] }), [SERIES]))

    expect(end.result!.outcome).toMatchObject({ kind: 'ok' })
  })

  it('is played with a policy of files', async () => {
    const source = 'export function size(meta) { return 1 / meta.close }'
    const config = makeRunConfig({
      strategy: STRATEGY,
      files: [{ path: 'size.js', source }],
      sizing: { module: 'size.js', function: 'size' },
    })
    const end = await runRunner(encodeInput(makeHeader(config), [SERIES]))

    expect(end.result!.outcome).toMatchObject({ kind: 'ok' })
  })
})
