import { readFileSync } from 'node:fs'
import { runBacktest } from '../../orchestrator-service/jobs/run-backtest.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { realShapedCandles } from './candles.ts'
import { type BenchContext, type BenchRow, pair, rowOf } from './harness.ts'

const ROWS = 1_000_000
/** The example that the README runs: it looks over a channel of 48 bars at each bar. */
const BREAKOUT = readFileSync(new URL('../../examples/breakout.ts', import.meta.url), 'utf8')
const SYMBOLS = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8']

/** Phase 1 of eight equal units under `trusted`: one worker against two. */
export async function benchWorkers(context: BenchContext): Promise<BenchRow[]> {
  const { deps } = context
  for (const symbol of SYMBOLS) await deps.archive.write('spot', realShapedCandles(symbol, ROWS))
  const decideMs = async (workers: number): Promise<number> => {
    const parsed = parseConfig({
      strategy: { module: 'breakout.ts' },
      files: { 'breakout.ts': BREAKOUT },
      symbols: SYMBOLS,
      interval: '1m',
      options: { policy: 'trusted', workers },
    })
    const end = await runBacktest(deps, { job: 'bench', mode: 'run', ...parsed })
    if (end.verdict?.type !== 'verified' || end.verdict.claims.timings === null)
      throw new Error(`The run ended with ${end.outcome.kind}: ${end.outcome.message}`)
    return end.verdict.claims.timings.decideMs
  }
  const measured = await pair(
    context.rounds,
    async () => await decideMs(1),
    async () => await decideMs(2),
  )
  return [
    {
      ...rowOf({
        name: 'phase 1 of 8 equal units, 2 workers (trusted)',
        unit: 'ms',
        baselineName: '1 worker',
        goal: '>= 1.5',
        measured,
      }),
      value: measured.b,
      baseline: measured.a,
    },
  ]
}
