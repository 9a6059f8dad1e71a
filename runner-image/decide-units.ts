/** Phase 1 of all units that no earlier attempt has finished. */
import type { CandleSeries } from '../src/candles/series.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { PoolJob } from './pool/pool.ts'
import type { Loaded, Stage } from './stage.ts'
import type { UnitResult } from './tasks/task.ts'

export interface DecidedUnit {
  readonly value: UnitResult
  readonly thread: number
}

/** What each unit of the plan decided, in their order. @throws ClaimedEnd or FatalEnd */
export async function decideAll(
  stage: Stage,
  loaded: Loaded,
  checkpoints: Checkpoints,
): Promise<{ results: DecidedUnit[]; ms: number }> {
  const { header, plan, pool, monitor } = stage
  const { series } = loaded
  const { resumed } = checkpoints
  const started = performance.now()
  monitor.beginPhase(
    'decide',
    series.reduce((sum, one) => sum + one.rows, 0),
  )
  const jobs = plan.units.flatMap((names, unit) => (resumed.has(unit) ? [] : [jobOf(stage, loaded, { names, unit })]))
  for (const [unit, names] of plan.units.entries())
    if (resumed.has(unit)) monitor.addFinished(rowsOf(names.map((name) => symbolOf(loaded, name))))
  const decided = await monitor.watch(
    pool.runAll(jobs, header.workers, (job, result) => {
      monitor.addFinished(job.size)
      checkpoints.add(job.task.unit, result)
    }),
  )
  const own = decided.values()
  const results = plan.units.map((_, unit): DecidedUnit => {
    const decisions = resumed.get(unit)
    return decisions === undefined ? own.next().value! : { value: { decisions, ms: 0 }, thread: 0 }
  })
  return { results, ms: performance.now() - started }
}

function jobOf(
  { header, plan }: Stage,
  loaded: Loaded,
  { names, unit }: { names: readonly string[]; unit: number },
): PoolJob<'unit'> {
  const { config, window } = loaded
  const symbols = names.map((name) => symbolOf(loaded, name))
  return {
    task: { kind: 'unit', unit, config, limits: header.limits, plan, symbols, window },
    size: rowsOf(symbols),
    unit: unitName(names),
  }
}

function symbolOf({ config, instruments, series, firstInWindow }: Loaded, name: string) {
  const index = config.symbols.indexOf(name)
  return {
    index,
    instrument: instruments[index]!,
    series: series[index]!,
    firstInWindow: firstInWindow[index]!,
  }
}

function rowsOf(symbols: readonly { series: CandleSeries }[]): number {
  return symbols.reduce((sum, { series }) => sum + series.rows, 0)
}

/** For logs and reports. */
export function unitName(symbols: readonly string[]): string {
  return symbols.length === 1 ? symbols[0]! : `${symbols[0]!} and ${symbols.length - 1} more`
}
