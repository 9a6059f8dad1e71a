import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Everything that the environment decides, read once. `process.env` is read nowhere else but by the engine client. */
export interface Config {
  /** Candles, instruments, runs, instance id. */
  readonly dataDir: string
  /** HOTCELL_BASE_IMAGE: where Node and its libraries come from on a system that has none for Linux. */
  readonly baseImage?: string | undefined
}

/** Raw environment -> frozen Config. HOTCELL_DATA_DIR, A `~/.local/share/hotcell`. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const chosen = env['HOTCELL_DATA_DIR']
  const dataDir =
    chosen === undefined || chosen === '' ? join(homedir(), '.local', 'share', 'hotcell') : resolve(chosen)
  return Object.freeze({ dataDir, baseImage: env['HOTCELL_BASE_IMAGE'] || undefined })
}
