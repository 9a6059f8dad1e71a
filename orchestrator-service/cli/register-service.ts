import type { Command } from 'commander'
import type { ServeFlags } from './commands/serve.ts'
import type { Action } from './context.ts'

/** Loaded when chosen: what some commands need takes longer to load than others take in all. */
const load = {
  backup: async () => await import('./commands/backup.ts'),
  doctor: async () => await import('./commands/doctor.ts'),
  keys: async () => await import('./commands/keys.ts'),
  serve: async () => await import('./commands/serve.ts'),
}

/** Commands for whoever operates a service. */
export function registerServiceCommands(program: Command, run: (action: Action) => Promise<void>): void {
  program
    .command('serve')
    .description('serve the HTTP API and run what is submitted, until SIGTERM or Ctrl-C')
    .option('--host <address>', 'address to listen on (HOTCELL_HOST, 127.0.0.1)')
    .option('--port <port>', 'port to listen on, 0: any free one (HOTCELL_PORT, 8420)')
    .action(async (flags: ServeFlags) => await run(async (context) => await (await load.serve()).serve(context, flags)))
  const keys = program.command('keys').description('keys of the HTTP API')
  keys
    .command('create')
    .description('make a key; its secret is printed once')
    .requiredOption('--owner <name>', 'whose runs it sees and makes')
    .option('--role <role>', 'user, admin (runs of everybody, keys) or auditor (reads everything)', 'user')
    .action(
      async (flags: { owner: string; role: string }) =>
        await run(async (context) => await (await load.keys()).keysCreate(context, flags)),
    )
  keys
    .command('list')
    .description('the keys, without their secrets')
    .action(async () => await run(async (context) => await (await load.keys()).keysList(context)))
  keys
    .command('revoke')
    .argument('<key>', 'id of a key (k-…)')
    .description('make a key useless at once')
    .action(async (id: string) => await run(async (context) => await (await load.keys()).keysRevoke(context, id)))
  program
    .command('backup')
    .argument('<directory>', 'a new one')
    .description('copy the data directory while it is in use')
    .action(async (target: string) => await run(async (context) => await (await load.backup()).backup(context, target)))
  program
    .command('doctor')
    .description('check the engine, the image and what weakens isolation on this host')
    .option('--strict', 'fail on whatever weakens isolation and is not in HOTCELL_ACCEPT')
    .action(
      async (flags: { strict?: boolean }) =>
        await run(async ({ io, config }) => await (await load.doctor()).doctor({ ...flags, config }, io)),
    )
}
