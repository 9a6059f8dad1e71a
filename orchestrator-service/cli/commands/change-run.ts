import { isFinal } from '../../../src/protocol/job.ts'
import { openService } from '../client/open-service.ts'
import type { CommandContext } from '../context.ts'
import { exitCodeOfOutcome } from '../exit-codes.ts'
import { describeFailure } from '../render-error.ts'
import { watchJob } from '../watch-job.ts'
import { PlatformError } from '../../../src/errors.ts'

const EXIT_DIFFERENT = 5

/** Asks for the end of a run; one that has ended stays as it is. */
export async function cancel(context: CommandContext, id: string): Promise<number> {
  const { io } = context
  await using service = await openService(context, 'change')
  const job = await service.client.cancel(id)
  if (io.json) io.out(JSON.stringify(job))
  else if (job.state === 'cancelled') io.out(`${id} is cancelled`)
  else if (isFinal(job.state)) io.out(`${id} had ended before: ${job.state}`)
  else io.out(`${id} is ${job.state}: it is being cancelled`)
  return 0
}

/** Removes a run that has ended, with its files. */
export async function remove(context: CommandContext, id: string): Promise<number> {
  const { io } = context
  await using service = await openService(context, 'change')
  await service.client.remove(id)
  if (io.json) io.out(JSON.stringify({ deleted: id }))
  else io.out(`Deleted ${id}`)
  return 0
}

/** Executes a completed run again and compares the fingerprints. Exit code 5 when they differ. */
export async function verify(context: CommandContext, id: string): Promise<number> {
  const { io } = context
  await using service = await openService(context, 'run')
  const { fingerprint: expected } = await service.client.job(id)
  const again = await service.client.verify(id)
  const job = await watchJob(service.client, again)
  const { outcome, fingerprint } = job
  if (outcome === null) throw new PlatformError('invariant', `Cannot verify "${id}": ${again} ended without an outcome`)
  const same = fingerprint !== null && fingerprint === expected
  if (io.json) io.out(JSON.stringify({ run: id, verification: again, same, expected, fingerprint, outcome }))
  else if (outcome.kind !== 'ok') io.err(`${describeFailure(outcome)}\n  run: ${again}`)
  else if (same) io.out(`Same fingerprint: ${fingerprint}\n  verified by ${again}`)
  else
    io.err(
      `Another fingerprint: ${fingerprint}, expected ${expected}\n  hint: compare the results: hotcell show ${id}; hotcell show ${again}`,
    )
  if (outcome.kind !== 'ok') return exitCodeOfOutcome(outcome.kind)
  return same ? 0 : EXIT_DIFFERENT
}
