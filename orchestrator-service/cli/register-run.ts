import type { Command } from 'commander'
import type { Action } from './context.ts'
import type { RunCommandFlags } from './commands/run.ts'
import type { RunFlags } from './build-config.ts'

/** Loaded when chosen: what some commands need takes longer to load than others take in all. */
const load = {
  demo: async () => await import('./commands/demo.ts'),
  frames: async () => await import('./commands/frames.ts'),
  new: async () => await import('./commands/new.ts'),
  run: async () => await import('./commands/run.ts'),
  validate: async () => await import('./commands/validate.ts'),
}

const collect = (value: string, list: string[] | undefined): string[] => [...(list ?? []), value]

function addConfigOptions(command: Command): Command {
  return command
    .option('--symbols <list>', 'symbols, separated by commas')
    .option('--interval <interval>', 'bar interval: 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 1w 1M')
    .option('--from <instant>', 'start: ISO 8601 with offset, a date (00:00 UTC), or epoch ms')
    .option('--to <instant>', 'end, as --from')
    .option('--cash <amount>', 'initial cash (10000)')
    .option('--fee <rate>', 'fee rate for maker and taker alike, 0.0004 = 0.04 %')
    .option('--slippage <bps>', 'slippage of takers in basis points (0)')
    .option('--param <name=value>', 'parameter of the strategy, may be repeated', collect)
    .option('--arg <name=value>', 'argument for decide(), may be repeated', collect)
    .option('--file <path>', 'a further file that the strategy imports, may be repeated', collect)
    .option('--class <name>', 'exported class (default export)')
    .option('--config <file>', 'a BacktestConfig as JSON; what the command line says wins')
    .option('--seed <text>', 'seed of random() and Math.random (0)')
    .option('--policy <name>', 'sandbox policy: default, strict (gVisor), mongo-network or trusted')
    .option('--workers <n>', 'worker threads in the cell (cores of the policy)')
    .option('--label <name=value>', 'label of the run, may be repeated', collect)
    .option('--priority <n>', 'taken before waiting runs with a lower one (0)')
    .option('--no-cache', 'run it although there is a result for the same inputs')
    .option('--proof', 'show in a second cell that no decision depends on later bars')
}

/** Commands that make runs, and those around the strategy before there is one. */
export function registerRunCommands(program: Command, run: (action: Action) => Promise<void>): void {
  addConfigOptions(
    program
      .command('run')
      .argument(
        '[strategy]',
        'a .ts, .mts, .js or .mjs file, or a built-in strategy such as SmaCrossover (docs/strategies.md has all)',
      ),
  )
    .description('run a backtest in a sealed container and verify its result')
    .option('--open', 'open the report in a browser')
    .option('--detach', 'print the id and leave; only with a service that goes on')
    .action(
      async (target: string | undefined, flags: RunCommandFlags) =>
        await run(async (context) => await (await load.run()).run(context, target, flags)),
    )
  program
    .command('new')
    .argument('<name>', 'file name; .ts is added')
    .description('write a typed strategy to start from')
    .action(async (name: string) => await run(async (context) => await (await load.new()).newStrategy(context, name)))
  addConfigOptions(program.command('validate').argument('<file>', 'strategy file'))
    .description('load a strategy in a sealed container and describe it, without a run')
    .action(
      async (target: string, flags: RunFlags) =>
        await run(async (context) => await (await load.validate()).validate(context, target, flags)),
    )
  addConfigOptions(program.command('frames').argument('[strategy]', 'as for run'))
    .description('write the frames of a run, for `docker run -i IMAGE < frames`')
    .requiredOption('--out <file>', 'where to; - for stdout')
    .option('--lookback <bars>', 'bars to send before the start (0)')
    .action(
      async (target: string | undefined, flags: RunFlags & { out: string; lookback?: string }) =>
        await run(async (context) => await (await load.frames()).writeFrames(context, target, flags)),
    )
  program
    .command('demo')
    .description('the main job on generated sample data')
    .action(async () => await run(async (context) => await (await load.demo()).demo(context)))
}
