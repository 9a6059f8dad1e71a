import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { test } from 'vitest'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { analyseRun } from '../../../orchestrator-service/results/analyse-run.ts'
import { randomRun } from '../../support/random-runs.ts'
import { timelineInput } from '../../support/timeline-input.ts'

const RUNS = 300

// What an explanation says must add up to what the engine booked, whatever the run.
test('analyseRun() accounts for every cent of 300 random runs', ({ expect }) => {
  let fills = 0
  let trades = 0
  for (let seed = 1; seed <= RUNS; seed++) {
    const run = randomRun(seed)
    const input = timelineInput(run.input, run)
    const { config, window, series } = input
    const { records, equity, openLots } = playTimeline(input)
    if (equity.length < window.endSlot - window.firstSlot) continue

    const { explanation, summary, benchmark } = analyseRun({
      benchmark: null,
      config,
      window,
      series,
      detail: input.detail ?? [],
      records,
      equity,
      createHasher: createSha256,
    })

    const { totals, lots, finalCash } = explanation
    const held = lots.reduce((sum, lot) => sum + lot.quantity * lot.mark, 0)
    const unrealised = lots.reduce((sum, lot) => sum + lot.unrealised, 0)
    const final = equity.at(-1)!
    const tolerance = 1e-8 * Math.max(config.initialCash, final)
    const label = `seed ${seed}`
    expect(Math.abs(finalCash + held - final), label).toBeLessThanOrEqual(tolerance)
    expect(
      Math.abs(config.initialCash + totals.realised - totals.fees + unrealised - final),
      label,
    ).toBeLessThanOrEqual(tolerance)
    expect(
      lots.map((lot) => lot.lot),
      label,
    ).toEqual(openLots.map((lot) => lot.lot).sort((a, b) => a - b))
    const net = explanation.trades.reduce((sum, trade) => sum + trade.netPnl, 0)
    const open = lots.reduce((sum, lot) => sum + lot.realised - lot.fees, 0)
    expect(Math.abs(net + open - (totals.realised - totals.fees)), label).toBeLessThanOrEqual(tolerance)
    expect(
      explanation.orders.filter((order) => order.state === 'filled' && order.filled === 0),
      label,
    ).toEqual([])
    expect(JSON.stringify([summary.metrics, benchmark.metrics]), label).not.toMatch(/NaN|Infinity/)
    for (const fill of explanation.fills) {
      expect(fill.why.high, label).toBeGreaterThanOrEqual(fill.why.low)
      // Code of the user may give a better price than the rules
      if (typeof config.fill === 'string') expect(fill.slippage, label).toBeGreaterThanOrEqual(-tolerance)
    }
    fills += explanation.fills.length
    trades += explanation.trades.length
  }
  expect(fills).toBeGreaterThan(1000)
  expect(trades).toBeGreaterThan(300)
})
