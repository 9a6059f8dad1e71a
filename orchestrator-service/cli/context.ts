import type { Config } from '../config.ts'
import type { CliIo } from './io.ts'

/** What a command gets: its streams and the configuration. Commands answer with their exit code. */
export interface CommandContext {
  readonly io: CliIo
  readonly config: Config
}

export type Action = (context: CommandContext) => Promise<number>
