import { access } from 'node:fs/promises'
import { createStores } from '../../deps.ts'
import type { CommandContext } from '../context.ts'
import { describeFailure } from '../render-error.ts'
import { renderSummary } from '../summary.ts'
import { visible } from '../visible.ts'

/** The stored result of a run. Showing a failed run is no failure. */
export async function show({ io, config }: CommandContext, id: string): Promise<number> {
  const { runs } = createStores(config)
  const result = await runs.load(id)
  const reportPath = runs.pathOf(id, 'report.html')
  const hasReport = await access(reportPath).then(
    () => true,
    () => false,
  )
  if (io.json) io.out(JSON.stringify(result))
  else if (result.outcome.kind === 'ok') io.out(renderSummary(result, hasReport ? { reportPath } : {}))
  else io.out(`${describeFailure(result.outcome)}\n  run: ${result.id}`)
  return 0
}

/** What lies in the data directory, newest first. */
export async function runs({ io, config }: CommandContext): Promise<number> {
  const { runs: found, damaged } = await createStores(config).runs.list()
  if (io.json) {
    io.out(JSON.stringify({ runs: found, damaged }))
    return 0
  }
  if (found.length === 0) io.out('No runs yet. Try: hotcell run BuyAndHold --symbols BTCUSDT --interval 1d')
  for (const run of found) {
    const end = run.reason === null ? run.outcome : `${run.outcome}(${run.reason})`
    const total = run.totalReturn === null ? '' : `${(run.totalReturn * 100).toFixed(2)} %`
    io.out(
      `${run.id}  ${run.createdAt.slice(0, 19)}  ${end.padEnd(24)} ${total.padStart(10)}  ${visible(run.strategy)} on ${run.symbols.slice(0, 4).join(',')}${run.symbols.length > 4 ? ',…' : ''} ${run.interval}`,
    )
  }
  for (const id of damaged) io.err(`Cannot read the run ${id}: its result is damaged or missing`)
  return 0
}
