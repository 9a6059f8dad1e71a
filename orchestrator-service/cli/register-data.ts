import type { Command } from 'commander'
import { createStores } from '../deps.ts'
import { candlesCheck, candlesImport, candlesList } from './commands/candles.ts'
import { instrumentsImport, instrumentsList } from './commands/instruments.ts'
import type { Action } from './context.ts'

interface ImportFlags {
  market?: string
  symbol?: string
  interval?: string
  map?: string
  timeFormat?: string
  tz?: string
}

export function registerDataCommands(program: Command, run: (action: Action) => Promise<void>): void {
  const candles = program.command('candles').description('candles in the archive')
  candles
    .command('import')
    .argument('<files...>', 'CSV files, .gz allowed; SYMBOL-INTERVAL.csv names symbol and interval')
    .description('import CSV files, each all or nothing')
    .option('--market <market>', 'spot or perpetual', 'spot')
    .option('--symbol <symbol>', 'symbol (from the file name)')
    .option('--interval <interval>', 'interval (from the file name)')
    .option('--map <list>', 'columns by name: open_time=Date,close=Last')
    .option('--time-format <format>', 'iso, s, ms, us or a pattern')
    .option('--tz <zone>', 'time zone of times without offset: UTC, Europe/Berlin, +09:00')
    .action(
      async (files: string[], flags: ImportFlags) =>
        await run(
          async ({ io, config }) => await candlesImport({ ...flags, files, archive: createStores(config).archive }, io),
        ),
    )
  candles
    .command('list')
    .description('what there is')
    .action(
      async () => await run(async ({ io, config }) => await candlesList({ archive: createStores(config).archive }, io)),
    )
  candles
    .command('check')
    .description('check the quality of what is in the archive')
    .argument('[symbol]')
    .argument('[interval]')
    .option('--market <market>', 'spot or perpetual', 'spot')
    .action(
      async (symbol: string | undefined, interval: string | undefined, flags: { market?: string }) =>
        await run(
          async ({ io, config }) =>
            await candlesCheck({ ...flags, symbol, interval, archive: createStores(config).archive }, io),
        ),
    )
  const instruments = program.command('instruments').description('ticks, steps and minimums of symbols')
  instruments
    .command('import')
    .argument('<file>', 'JSON {version, instruments: [...]}')
    .description('import instrument data, all or nothing')
    .action(
      async (file: string) =>
        await run(
          async ({ io, config }) => await instrumentsImport({ file, store: createStores(config).instruments }, io),
        ),
    )
  instruments
    .command('list')
    .description('what there is')
    .action(
      async () =>
        await run(async ({ io, config }) => await instrumentsList({ store: createStores(config).instruments }, io)),
    )
}
