import { PlatformError } from '../../../src/errors.ts'
import type { Result } from '../../../src/protocol/result.ts'
import { buildRawConfig, type RunFlags } from '../build-config.ts'
import { findService, openService, type Service } from '../client/open-service.ts'
import type { CommandContext } from '../context.ts'
import { exitCodeOfOutcome } from '../exit-codes.ts'
import type { CliIo } from '../io.ts'
import { openFile } from '../open-file.ts'
import { describeFailure } from '../render-error.ts'
import { renderSummary } from '../summary.ts'
import { watchJob } from '../watch-job.ts'

export interface RunCommandFlags extends RunFlags {
  open?: boolean
  detach?: boolean
}

/** The end of a run as JSON, as a summary, or as one line that says why there is none. */
function printEnd(io: CliIo, result: Result, reportPath: string | null): void {
  if (io.json) io.out(JSON.stringify(result))
  else if (result.outcome.kind === 'ok')
    io.out(renderSummary(result, { reportPath: reportPath ?? `hotcell report ${result.id}` }))
  else io.err(`${describeFailure(result.outcome)}\n  run: ${result.id}`)
}

/** Submits one backtest, follows it to its end and prints what came out. */
export async function runConfigured(context: CommandContext, raw: unknown, flags: RunCommandFlags): Promise<number> {
  const { io } = context
  if (flags.detach === true) return await detach(context, raw)
  await using service = await openService(context, 'run')
  const id = await service.client.submit(raw)
  await watchJob(service.client, id)
  const result = await service.client.result(id)
  printEnd(io, result, service.reportPath(id))
  const { kind } = result.outcome
  if (flags.open === true && kind === 'ok') await openReport(io, service, id)
  return exitCodeOfOutcome(kind)
}

async function detach({ config, io }: CommandContext, raw: unknown): Promise<number> {
  const service = findService(config)
  if (service === null)
    throw new PlatformError('usage', 'Cannot detach: no service runs that could go on with the run', {
      hint: 'Start one with `hotcell serve`, or leave out --detach',
    })
  const id = await service.client.submit(raw)
  io.out(io.json ? JSON.stringify({ id }) : id)
  return 0
}

async function openReport(io: CliIo, service: Service, id: string): Promise<void> {
  const path = service.reportPath(id)
  if (path === null) io.err(`The report is with the service: hotcell report ${id} --open`)
  else if (!(await openFile(path))) io.err(`Cannot open a browser here; the report is ${path}`)
}

export async function run(
  context: CommandContext,
  target: string | undefined,
  flags: RunCommandFlags,
): Promise<number> {
  return await runConfigured(context, await buildRawConfig(target, flags), flags)
}
