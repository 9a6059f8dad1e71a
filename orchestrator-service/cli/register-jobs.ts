import type { Command } from 'commander'
import type { LogsFlags } from './commands/logs.ts'
import type { RunsFlags } from './commands/runs.ts'
import type { Action } from './context.ts'

/** Loaded when chosen: what some commands need takes longer to load than others take in all. */
const load = {
  compare: async () => await import('./commands/compare.ts'),
  changeRun: async () => await import('./commands/change-run.ts'),
  logs: async () => await import('./commands/logs.ts'),
  report: async () => await import('./commands/report.ts'),
  runs: async () => await import('./commands/runs.ts'),
  show: async () => await import('./commands/show.ts'),
}

/** Commands about runs that are there already. */
export function registerJobCommands(program: Command, run: (action: Action) => Promise<void>): void {
  const ofRun = (name: string, description: string): Command =>
    program.command(name).argument('<run>', 'id of a run').description(description)
  program
    .command('runs')
    .description('list runs, newest first')
    .option('--state <state>', 'some of queued,preparing,running,verifying,completed,failed,cancelled,timed_out')
    .option('--strategy <name>', 'a built-in, or module#class')
    .option('--symbol <symbol>', 'runs that trade it')
    .option('--label <name=value>', 'runs with this label')
    .option('--limit <n>', 'at most so many, 1 to 200 (50)')
    .option('--all', 'all of them')
    .action(async (flags: RunsFlags) => await run(async (context) => await (await load.runs()).runs(context, flags)))
  ofRun('show', 'show the result of a run, or how far it is').action(
    async (id: string) => await run(async (context) => await (await load.show()).show(context, id)),
  )
  ofRun('report', 'the HTML report of a run: where it is, or a copy of it')
    .option('--out <file>', 'write a copy')
    .option('--open', 'open it in a browser')
    .action(
      async (id: string, flags: { out?: string; open?: boolean }) =>
        await run(async (context) => await (await load.report()).report(context, id, flags)),
    )
  program
    .command('compare')
    .argument('<runs...>', '2 to 5 ids of completed runs')
    .description('runs side by side over the time that all of them cover, against the first')
    .action(async (ids: string[]) => await run(async (context) => await (await load.compare()).compare(context, ids)))
  ofRun('logs', 'what a run logged')
    .option('-f, --follow', 'go on to the end of the run')
    .option('--level <level>', 'this level and those above it: debug, info, warn or error')
    .option('--source <source>', 'strategy, raw (text of the cell that is no event) or system')
    .action(
      async (id: string, flags: LogsFlags) =>
        await run(async (context) => await (await load.logs()).logs(context, id, flags)),
    )
  ofRun('cancel', 'end a run that waits or runs').action(
    async (id: string) => await run(async (context) => await (await load.changeRun()).cancel(context, id)),
  )
  ofRun('verify', 'run it again and compare the fingerprints; exit code 5 when they differ').action(
    async (id: string) => await run(async (context) => await (await load.changeRun()).verify(context, id)),
  )
  ofRun('delete', 'remove a run that has ended, with its files').action(
    async (id: string) => await run(async (context) => await (await load.changeRun()).remove(context, id)),
  )
}
