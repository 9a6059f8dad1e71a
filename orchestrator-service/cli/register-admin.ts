import type { Command } from 'commander'
import type { ExportFlags, ShowFlags } from './commands/audit.ts'
import type { PruneFlags } from './commands/prune.ts'
import type { Action } from './context.ts'

/** Loaded when chosen: what some commands need takes longer to load than others take in all. */
const load = {
  audit: async () => await import('./commands/audit.ts'),
  cells: async () => await import('./commands/cells.ts'),
  prune: async () => await import('./commands/prune.ts'),
}

/** Commands for whoever answers for a service. */
export function registerAdminCommands(program: Command, run: (action: Action) => Promise<void>): void {
  program
    .command('cells')
    .description('the containers of this instance')
    .action(async () => await run(async (context) => await (await load.cells()).cells(context)))
  program
    .command('prune')
    .description('remove old runs that have ended, with their files; the audit log says which')
    .requiredOption('--older-than <time>', 'runs that ended longer ago: 12h, 30d, 8w')
    .option('--keep <n>', 'so many of the newest runs that have ended stay, however old (0)')
    .option('--images', 'also runner images of this product that no container uses')
    .option('--dry-run', 'only say what would be removed')
    .action(async (flags: PruneFlags) => await run(async (context) => await (await load.prune()).prune(context, flags)))
  const audit = program.command('audit').description('the audit log of the data directory: read, prove, export')
  audit
    .command('verify')
    .description('check every byte of it; exit code 5 when something was changed')
    .option('--anchor <file>', 'it must contain what this anchor names')
    .action(
      async (flags: { anchor?: string }) =>
        await run(async (context) => await (await load.audit()).auditVerify(context, flags)),
    )
  audit
    .command('anchor')
    .description('the head of the chain, to be kept elsewhere')
    .option('--out <file>', 'write it there instead of to stdout')
    .action(
      async (flags: { out?: string }) =>
        await run(async (context) => await (await load.audit()).auditAnchor(context, flags)),
    )
  audit
    .command('export')
    .description('its lines, byte for byte')
    .option('--from <sequence>', 'from this record on (1)')
    .option('--to <sequence>', 'up to this record (the last)')
    .option('--out <file>', 'write them there instead of to stdout')
    .action(
      async (flags: ExportFlags) =>
        await run(async (context) => await (await load.audit()).auditExport(context, flags)),
    )
  audit
    .command('show')
    .description('its records for people, control characters made visible')
    .option('--job <run>', 'records about this run')
    .option('--type <type>', 'records of this type: job_submitted, cell_ended, job_read, …')
    .option('--from <sequence>', 'from this record on (1)')
    .option('--to <sequence>', 'up to this record (the last)')
    .action(
      async (flags: ShowFlags) => await run(async (context) => await (await load.audit()).auditShow(context, flags)),
    )
}
