import { beforeAll, describe, it } from 'vitest'
import { resolveWindow } from '../../../src/backtest/window.ts'
import { explainRun } from '../../../src/backtest/explain.ts'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { comparePeer, type PeerRun } from '../../support/peer-differences.ts'
import { hashPeerFile, type PeerScenario, readScenario, scenarioNames } from '../../support/peer-scenarios.ts'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { encodeInput, makeHeader, useRunnerProgram } from '../../support/runner-program.ts'

/**
 * Runs of this product under the profile of another engine, beside what that engine made of the same candles and the same
 * strategy: the same fills and trades in the same order, prices and fees within one unit in the last place, P&L within
 * 1e-12 of the notional, final equity within 1e-10. README.md says how the stored outputs are made anew.
 */
const PEERS = ['backtrader', 'backtesting.py'] as const
/** What they call a trade: a position from flat to flat, or each entry. */
const TRADES = { backtrader: 'flat_to_flat', 'backtesting.py': 'lot' } as const
/** Scenarios that are the same under every profile. */
const UNTOUCHED = {
  backtrader: ['long', 'short'],
  'backtesting.py': ['long', 'short', 'stop-loss', 'take-profit', 'bracket', 'trailing-short', 'spread-held'],
}

/** Scenarios that go through the whole program of the cell too. */
const WHOLE = { backtrader: ['bracket-short', 'symbols'], 'backtesting.py': ['adds', 'stop-limits'] }

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})
const runRunner = useRunnerProgram()

async function play({ config, instruments, series }: PeerScenario): Promise<PeerRun & { records: Uint8Array }> {
  const run = await createTaskRunner(script).run(makeHeader(config, { instruments }), ...series)
  const { plan, window, decisions } = run
  const input = { config, series: run.series, window, lookback: plan.lookback, instruments }
  const { records, equity } = playTimeline({ ...input, decisions })
  return {
    explanation: explainRun({ ...input, records: decodeRecords(records) }),
    finalEquity: equity.at(-1)!,
    records,
  }
}

/** A run by the program of the cell, which knows portfolio strategies too. */
async function playInCell({ config, instruments, series }: PeerScenario): Promise<PeerRun> {
  const { result } = await runRunner(encodeInput(makeHeader(config, { instruments }), series))
  if (result?.outcome.kind !== 'ok') throw new Error(result?.outcome.message ?? 'no result')
  const { interval, start, end } = config
  const window = resolveWindow({ interval, start, end, lookback: result.lookback!, series })!
  const records = decodeRecords(new Uint8Array(Buffer.from(result.records!, 'base64')))
  const equity = Buffer.from(result.dailyEquity!, 'base64')
  return {
    explanation: explainRun({ config, series, window, records }),
    finalEquity: equity.readDoubleLE(equity.length - 8),
  }
}

describe.each(PEERS)('the profile %s', (peer) => {
  const names = scenarioNames(peer)

  it('has at least twelve scenarios', ({ expect }) => {
    expect(names.length).toBeGreaterThanOrEqual(12)
  })

  it('is what makes them equal: under hotcell/v1 only those are that no setting of it touches', async ({ expect }) => {
    const equal: string[] = []
    for (const name of names) {
      const scenario = readScenario(peer, name, { profile: 'hotcell/v1' })
      if (scenario === null) equal.push(...UNTOUCHED[peer].filter((one) => one === name))
      else if (comparePeer(await play(scenario), scenario.output, TRADES[peer]).length === 0) equal.push(name)
    }

    expect(equal).toEqual(UNTOUCHED[peer])
  })

  it.for(names)('%s: the same trades, prices, fees and equity', async (name, { expect }) => {
    const scenario = readScenario(peer, name)
    if (scenario === null) return
    const { output } = scenario

    expect(output.package).toBe(peer)
    expect(scenario.candles).toEqual(output.candles)
    for (const [file, hash] of Object.entries(output.sha256)) expect(hashPeerFile(file), file).toBe(hash)
    expect(comparePeer(await play(scenario), output, TRADES[peer])).toEqual([])
  })

  it.for(names)('%s: as a portfolio strategy in the program of the cell', async (name, { expect }) => {
    const scenario = readScenario(peer, name, { folder: 'strategies/portfolio' })
    if (scenario === null) return

    expect(comparePeer(await playInCell(scenario), scenario.output, TRADES[peer])).toEqual([])
  })

  it.for(WHOLE[peer])('%s: the same records from the program of the cell', async (name, { expect }) => {
    const scenario = readScenario(peer, name)!
    const { config, instruments, series } = scenario
    const { result } = await runRunner(encodeInput(makeHeader(config, { instruments }), series))

    expect(result!.outcome.message).toBe('The run is complete')
    expect(result!.records).toBe(Buffer.from((await play(scenario)).records).toString('base64'))
  })
})
