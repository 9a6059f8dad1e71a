import type { Command } from 'commander'
import type { Action, CommandContext } from './context.ts'

interface ImportFlags {
  market?: string
  symbol?: string
  interval?: string
  map?: string
  timeFormat?: string
  tz?: string
  kind?: string
}

/** Loaded when chosen: reading and writing Arrow takes longer to load than most commands take in all. */
async function loadCandles({ config }: CommandContext) {
  const commands = await import('./commands/candles.ts')
  const { createStores } = await import('../deps.ts')
  const { archive, marks, funding } = createStores(config)
  return { ...commands, archive, marks, funding }
}

async function loadInstruments({ config }: CommandContext) {
  const commands = await import('./commands/instruments.ts')
  const { createStores } = await import('../deps.ts')
  return { ...commands, store: createStores(config).instruments }
}

export function registerDataCommands(program: Command, run: (action: Action) => Promise<void>): void {
  const candles = program.command('candles').description('candles in the archive')
  candles
    .command('import')
    .argument('<files...>', 'CSV files, .gz allowed; SYMBOL-INTERVAL.csv names symbol and interval')
    .description('import CSV files, each all or nothing')
    .option('--market <market>', 'spot or perpetual', 'spot')
    .option('--kind <kind>', 'base, mark or funding (from the file name: SYMBOL-mark-INTERVAL, SYMBOL-funding)')
    .option('--symbol <symbol>', 'symbol (from the file name)')
    .option('--interval <interval>', 'interval (from the file name)')
    .option('--map <list>', 'columns by name: open_time=Date,close=Last')
    .option('--time-format <format>', 'iso, s, ms, us or a pattern')
    .option('--tz <zone>', 'time zone of times without offset: UTC, Europe/Berlin, +09:00')
    .action(
      async (files: string[], flags: ImportFlags) =>
        await run(async (context) => {
          const { candlesImport, archive, marks, funding } = await loadCandles(context)
          return await candlesImport({ ...flags, files, archive, marks, funding }, context.io)
        }),
    )
  candles
    .command('list')
    .description('what there is')
    .action(
      async () =>
        await run(async (context) => {
          const { candlesList, ...stores } = await loadCandles(context)
          return await candlesList(stores, context.io)
        }),
    )
  candles
    .command('check')
    .description('check the quality of what is in the archive')
    .argument('[symbol]')
    .argument('[interval]')
    .option('--market <market>', 'spot or perpetual', 'spot')
    .action(
      async (symbol: string | undefined, interval: string | undefined, flags: { market?: string }) =>
        await run(async (context) => {
          const { candlesCheck, archive } = await loadCandles(context)
          return await candlesCheck({ ...flags, symbol, interval, archive }, context.io)
        }),
    )
  const instruments = program.command('instruments').description('ticks, steps and minimums of symbols')
  instruments
    .command('import')
    .argument('<file>', 'JSON {version, instruments: [...]}')
    .description('import instrument data, all or nothing')
    .action(
      async (file: string) =>
        await run(async (context) => {
          const { instrumentsImport, store } = await loadInstruments(context)
          return await instrumentsImport({ file, store }, context.io)
        }),
    )
  instruments
    .command('list')
    .description('what there is')
    .action(
      async () =>
        await run(async (context) => {
          const { instrumentsList, store } = await loadInstruments(context)
          return await instrumentsList({ store }, context.io)
        }),
    )
}
