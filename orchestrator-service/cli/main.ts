import { Command, CommanderError, Option } from 'commander'
import { readFileSync } from 'node:fs'
import { PlatformError } from '../../src/errors.ts'
import { readConfig } from '../config.ts'
import { registerAdminCommands } from './register-admin.ts'
import { registerDataCommands } from './register-data.ts'
import { registerJobCommands } from './register-jobs.ts'
import { registerRunCommands } from './register-run.ts'
import { registerServiceCommands } from './register-service.ts'
import type { Action } from './context.ts'
import { createIo } from './io.ts'
import { reportError } from './render-error.ts'

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** commander's own complaints (unknown option, missing argument) as our one-line errors with exit code 2. */
function fromCommander(error: CommanderError): PlatformError {
  return new PlatformError(
    'usage',
    error.message.replace(/^error: /, '').replace(/^./, (c) => c.toUpperCase()),
  )
}

/** commander would print its help, to a stream that is kept for errors of one line. */
function noCommand(argv: readonly string[]): PlatformError {
  return new PlatformError('usage', `Cannot run ${JSON.stringify(argv.join(' '))}: it names no command`)
}

function createProgram(run: (action: Action) => Promise<void>): Command {
  const program = new Command('hotcell')
    .description('Runs untrusted trading strategies in sealed single-use containers and verifies every result')
    .version(version)
    .addOption(new Option('--json', 'print one JSON document on stdout and nothing else'))
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 the run failed, 2 usage or invalid_config, 3 data_unavailable, 4 limit_exceeded,\n5 tampered, 6 platform_error, 130 cancelled.\nData directory: HOTCELL_DATA_DIR, or ~/.local/share/hotcell. A service elsewhere: HOTCELL_URL and HOTCELL_KEY.\nAll settings: docs/operations.md.',
    )
  registerRunCommands(program, run)
  registerJobCommands(program, run)
  registerDataCommands(program, run)
  registerServiceCommands(program, run)
  registerAdminCommands(program, run)
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ writeErr: () => {} })
    if (command.commands.length === 0)
      command.addOption(new Option('--json', 'print one JSON document on stdout and nothing else'))
  }
  return program
}

function allCommands(program: Command): Command[] {
  return program.commands.flatMap((command) => [command, ...allCommands(command)])
}

async function main(argv: readonly string[]): Promise<number> {
  const io = createIo(argv.includes('--json'))
  let code = 0
  const program = createProgram(async (action) => {
    code = await action({ io, config: readConfig(process.env) })
  })
  try {
    if (argv.length === 0) {
      program.outputHelp()
      return 2
    }
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      return reportError(error.code === 'commander.help' ? noCommand(argv) : fromCommander(error), io)
    }
    return reportError(error, io)
  }
}

process.exitCode = await main(process.argv.slice(2))
