import type { CellEvent } from '../../../src/protocol/events.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import type { Result } from '../../../src/protocol/result.ts'
import type { RunConfig, RunOptions } from '../../../src/protocol/run-config.ts'
import type { Config } from '../../config.ts'
import { openDeps, type RunDeps } from '../../deps.ts'
import { finishRun } from '../../jobs/finish-run.ts'
import { runBacktest } from '../../jobs/run-backtest.ts'
import { buildRawConfig, type RunFlags } from '../build-config.ts'
import { exitCodeOfOutcome } from '../exit-codes.ts'
import type { CliIo } from '../io.ts'
import type { CommandContext } from '../context.ts'
import { openFile } from '../open-file.ts'
import { createProgressView, type ProgressView } from '../progress.ts'
import { describeFailure } from '../render-error.ts'
import { renderSummary } from '../summary.ts'
import { visible } from '../visible.ts'

export interface RunCommandFlags extends RunFlags {
  open?: boolean
}

function showEvent(event: CellEvent, view: ProgressView): void {
  if (event.type === 'progress') view.show(event)
  if (event.type === 'log') view.note(`  ${event.level.padEnd(5)} ${visible(event.unit)}: ${visible(event.text)}`)
}

/** Ctrl-C cancels the run (the cell is killed and removed) instead of leaving it behind. */
function cancelOnSignal(): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  process.once('SIGINT', abort)
  process.once('SIGTERM', abort)
  return {
    signal: controller.signal,
    stop() {
      process.off('SIGINT', abort)
      process.off('SIGTERM', abort)
    },
  }
}

async function executeRun(deps: RunDeps, parsed: { config: RunConfig; options: RunOptions }): Promise<Result> {
  const id = deps.runs.newId()
  const createdAt = new Date().toISOString()
  await deps.runs.create(id)
  const view = createProgressView(process.stderr, () => performance.now())
  const cancel = cancelOnSignal()
  try {
    const end = await runBacktest(deps, {
      job: id,
      mode: 'run',
      ...parsed,
      signal: cancel.signal,
      onEvent: (event) => showEvent(event, view),
    })
    return await finishRun(deps.runs, { id, ...parsed, end, createdAt })
  } finally {
    cancel.stop()
    view.end()
  }
}

function printResult(result: Result, io: CliIo, reportPath: string): void {
  if (io.json) io.out(JSON.stringify(result))
  else if (result.outcome.kind === 'ok') io.out(renderSummary(result, { reportPath }))
  else io.err(`${describeFailure(result.outcome)}\n  run: ${result.id}`)
}

/** Runs one backtest in this process: takes the lock, starts a cell, verifies, stores, prints. */
export async function runConfigured(
  context: { io: CliIo; config: Pick<Config, 'dataDir' | 'baseImage'> },
  raw: unknown,
  flags: { open?: boolean },
): Promise<number> {
  const { io } = context
  const parsed = parseConfig(raw)
  await using deps = await openDeps(context.config, (text) => io.err(text))
  const result = await executeRun(deps, parsed)
  const reportPath = deps.runs.pathOf(result.id, 'report.html')
  printResult(result, io, reportPath)
  if (flags.open === true && result.outcome.kind === 'ok' && !(await openFile(reportPath)))
    io.err(`Cannot open a browser here; the report is ${reportPath}`)
  return exitCodeOfOutcome(result.outcome.kind)
}

export async function run(
  context: CommandContext,
  target: string | undefined,
  flags: RunCommandFlags,
): Promise<number> {
  return await runConfigured(context, await buildRawConfig(target, flags), flags)
}
