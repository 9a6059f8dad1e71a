import { isFinal, type JobView } from '../../../src/protocol/job.ts'
import { openService } from '../client/open-service.ts'
import type { CommandContext } from '../context.ts'
import { describeFailure } from '../render-error.ts'
import { describeLimits, renderSummary } from '../summary.ts'
import { visible } from '../visible.ts'

/** The stored result of a run, or how far it is. Showing a failed run is no failure. */
export async function show(context: CommandContext, id: string): Promise<number> {
  const { io } = context
  await using service = await openService(context, 'read')
  const job = await service.client.job(id)
  const result = isFinal(job.state) ? await service.client.result(id) : null
  if (io.json) io.out(JSON.stringify(result ?? job))
  else if (result === null) io.out(describeJob(job))
  else if (result.outcome.kind !== 'ok') io.out(`${describeFailure(result.outcome)}\n  run: ${id}`)
  else io.out(renderSummary(result, { reportPath: service.reportPath(id) ?? `hotcell report ${id}` }))
  return 0
}

function describeJob(job: JobView): string {
  const { progress, position, estimateMs } = job
  const lines = [
    `${job.id} is ${job.state}${job.cancelRequested ? ', to be cancelled' : ''}`,
    `  ${visible(job.strategy)} on ${visible(job.symbols.join(', '))}, ${job.interval}`,
  ]
  lines.push(`  policy ${visible(job.policy)}: ${visible(describeLimits(job.limits))}`)
  if (position !== null) lines.push(`  waiting: ${position} before it`)
  if (progress !== null) lines.push(`  ${progress.phase}: ${progress.done} of ${progress.total}`)
  if (estimateMs !== null && estimateMs > 0) lines.push(`  expected to end in ${Math.ceil(estimateMs / 1000)} s`)
  if (job.attempt > 1) lines.push(`  attempt ${job.attempt}`)
  return lines.join('\n')
}
