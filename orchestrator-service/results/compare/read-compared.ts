import { readFile } from 'node:fs/promises'
import { PlatformError } from '../../../src/errors.ts'
import type { ComparedRun } from '../../../src/performance/compare-runs.ts'
import { sharpePerPeriod } from '../../../src/performance/deflated-sharpe.ts'
import { decodeTable, type DecodedTable } from '../arrow-table.ts'
import { createRunStore } from '../run-store.ts'
import type { Result } from '../../../src/protocol/result.ts'
import type { CompareTask } from './compare-task.ts'

/** A completed run with what a comparison needs of its tables. @throws PlatformError no_figures, unknown_run */
export async function readCompared(
  dataDir: string,
  { id, quote }: CompareTask['runs'][number],
): Promise<{ run: ComparedRun; result: Result }> {
  const store = createRunStore(dataDir)
  const result = await store.load(id)
  if (result.window === null || result.equity === null || result.trades === null) {
    const state = `it ended with ${result.outcome.kind}`
    throw new PlatformError('no_figures', `Cannot compare "${id}": ${state}, expected a completed run`)
  }
  const table = async (file: 'equity.arrow' | 'trades.arrow'): Promise<DecodedTable> =>
    decodeTable(await readFile(store.pathOf(id, file)))
  const equity = await table('equity.arrow')
  const trades = await table('trades.arrow')
  const run: ComparedRun = {
    id,
    interval: result.config.interval,
    window: result.window,
    initialCash: result.config.initialCash,
    equity: equity.number('equity'),
    benchmark: equity.number('benchmark'),
    benchmarkDays: daysOf(result),
    trades: { exitTime: trades.number('exit_time'), netPnl: trades.number('net_pnl') },
    quote,
  }
  return { run, result }
}

/** Of a benchmark of its own the days on which it has a bar. */
function daysOf({ benchmark }: Result): Float64Array | null {
  return benchmark?.kind === 'symbol' ? Float64Array.from(benchmark.days) : null
}

/**
 * Sharpe ratios per period of recorded runs, one for each different `inputs`: the same run again is no further trial.
 * Runs whose files are gone, or whose ratio cannot be stated, are none.
 */
export async function readTrials(dataDir: string, ids: readonly string[]): Promise<Float64Array> {
  const store = createRunStore(dataDir)
  const ratios = new Map<string, number>()
  for (const id of ids) {
    const result = await store.load(id).catch((error: unknown) => {
      if (error instanceof PlatformError && error.code === 'unknown_run') return null
      throw error
    })
    if (result?.summary == null || result.inputs === null) continue
    const ratio = sharpePerPeriod(Float64Array.from(result.summary.daily.equity))
    if (ratio !== null) ratios.set(result.inputs, ratio)
  }
  return Float64Array.from(ratios.values())
}
