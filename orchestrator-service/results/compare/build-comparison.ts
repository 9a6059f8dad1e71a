import { compareRuns, type ComparisonFigures } from '../../../src/performance/compare-runs.ts'
import { PERIODS_24_7 } from '../../../src/performance/summarise.ts'
import type { Comparison } from '../../../src/protocol/comparison.ts'
import type { Result } from '../../../src/protocol/result.ts'
import { createSha256 } from '../../sha256.ts'
import { copyMetrics } from '../copy-metrics.ts'
import type { CompareTask } from './compare-task.ts'
import { readCompared, readTrials } from './read-compared.ts'

const TRIALS = 'completed runs of this owner on the same market, symbols and interval, each different inputs once'

/** Reads the runs of a task and compares them. @throws PlatformError invalid_request, no_figures, unknown_run */
export async function buildComparison(task: CompareTask): Promise<Comparison> {
  const read: Awaited<ReturnType<typeof readCompared>>[] = []
  for (const run of task.runs) read.push(await readCompared(task.dataDir, run))
  const { metrics, seed } = read[0]!.result.config
  const figures = compareRuns({
    runs: read.map(({ run }) => run),
    periodsPerYear: metrics.periodsPerYear ?? PERIODS_24_7,
    riskFree: metrics.riskFree,
    seed,
    trials: await readTrials(task.dataDir, task.trials),
    createHasher: createSha256,
  })
  const names = read.map(({ result }) => nameOf(result))
  return presentComparison(figures, { names, trialsCapped: task.trialsCapped })
}

/** A comparison as API and CLI show it. */
export function presentComparison(
  { runs, benchmark, days, pairs, trials, ...facts }: ComparisonFigures,
  { names, trialsCapped }: { names: readonly string[]; trialsCapped: boolean },
): Comparison {
  return {
    def: 'comparison/v1',
    ...facts,
    window: { ...facts.window },
    days: Array.from(days),
    runs: runs.map((run, at) => ({
      ...run,
      name: names[at]!,
      metrics: copyMetrics(run.metrics),
      normalised: Array.from(run.normalised),
    })),
    benchmark: {
      of: runs[0]!.id,
      metrics: copyMetrics(benchmark.metrics),
      normalised: Array.from(benchmark.normalised),
    },
    pairs: [...pairs],
    trials: { count: trials, definition: TRIALS, capped: trialsCapped },
  }
}

function nameOf({ config: { strategy } }: Result): string {
  const name = 'builtin' in strategy ? strategy.builtin : `${strategy.module}#${strategy.class}`
  const params = Object.entries(strategy.params).map(([key, value]) => `${key} ${String(value)}`)
  return params.length === 0 ? name : `${name}: ${params.join(', ')}`
}
