import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { PlatformError } from '../src/errors.ts'

/** Everything that the environment decides, read once. `process.env` is read nowhere else but by the engine client. */
export interface Config {
  /** Candles, instruments, runs, jobs, instance id. */
  readonly dataDir: string
  /** Where Node and its libraries come from on a system that has none for Linux. */
  readonly baseImage?: string | undefined
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Of a service to talk to; null: the holder of the data directory, or one in this process. */
  readonly url: string | null
  readonly key: string | null
  /** Jobs that run at once. */
  readonly concurrency: number
  /** Cells that wait for jobs while serving; max 0: none. */
  readonly warmCells: { readonly min: number; readonly max: number }
  /** Jobs that wait at most. */
  readonly maxQueued: number
  readonly maxQueuedPerOwner: number
  /** Whether results may stand for jobs with the same inputs, where the jobs let them. */
  readonly cache: boolean
  /** How long a service that ends waits for its running jobs. */
  readonly drainMs: number
  /** No start on a host with findings that weaken isolation. */
  readonly strict: boolean
  /** Ids of findings that a strict start puts up with. */
  readonly accept: readonly string[]
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

export interface Setting {
  readonly name: string
  /** As shown in the documentation. */
  readonly fallback: string
  readonly description: string
}

/** The environment variables, for documentation; `readConfig` reads exactly these. */
export const SETTINGS = [
  {
    name: 'HOTCELL_DATA_DIR',
    fallback: '~/.local/share/hotcell',
    description: 'Candles, instruments, jobs and runs; one service or command at a time holds it',
  },
  { name: 'HOTCELL_HOST', fallback: '127.0.0.1', description: 'Address that the service listens on' },
  { name: 'HOTCELL_PORT', fallback: '8420', description: 'Port that the service listens on; 0: any free one' },
  {
    name: 'HOTCELL_URL',
    fallback: '',
    description: 'Service that the command line talks to; empty: the one that holds the data directory, or none',
  },
  { name: 'HOTCELL_KEY', fallback: '', description: 'Key that the command line sends to HOTCELL_URL' },
  {
    name: 'HOTCELL_CONCURRENCY',
    fallback: 'the smaller of 5 and the cores',
    description: 'Jobs that run at once, 1 to 64',
  },
  {
    name: 'HOTCELL_WARM_CELLS',
    fallback: '1..4',
    description:
      'Started cells that wait for jobs while `hotcell serve` runs, least..most (or one number for both; 0: none); each takes up to 64 MiB',
  },
  { name: 'HOTCELL_MAX_QUEUED', fallback: '10000', description: 'Jobs that wait at most; more are answered with 429' },
  {
    name: 'HOTCELL_MAX_QUEUED_PER_OWNER',
    fallback: '2000',
    description: 'Jobs of one owner that wait at most; more are answered with 429',
  },
  {
    name: 'HOTCELL_CACHE',
    fallback: '1',
    description:
      '0: every job is run, also where `options.cache` would let an earlier result with the same inputs stand for it',
  },
  {
    name: 'HOTCELL_DRAIN_MS',
    fallback: '30000',
    description: 'Time that running jobs have to end after SIGTERM; what is left is run again at the next start',
  },
  {
    name: 'HOTCELL_STRICT',
    fallback: '0',
    description: '1: refuse to start on a host where `hotcell doctor --strict` finds something that weakens isolation',
  },
  {
    name: 'HOTCELL_ACCEPT',
    fallback: '',
    description: 'Ids of findings that a strict start puts up with, with commas: `cgroup,CVE-2025-31133`',
  },
  { name: 'HOTCELL_LOG_LEVEL', fallback: 'info', description: 'debug, info, warn, error or silent' },
  {
    name: 'HOTCELL_BASE_IMAGE',
    fallback: '',
    description: 'Image that Node and its libraries are taken from on systems that have none for Linux',
  },
] as const satisfies readonly Setting[]

type SettingName = (typeof SETTINGS)[number]['name']
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Raw environment -> frozen Config. @throws PlatformError usage for a value that cannot be meant */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const text = (name: SettingName): string | undefined => env[name] || undefined
  const integer = (name: SettingName, fallback: number, minimum: number, maximum: number): number => {
    const value = text(name)
    if (value === undefined) return fallback
    if (/^\d{1,9}$/.test(value) && Number(value) >= minimum && Number(value) <= maximum) return Number(value)
    throw invalid(name, value, `a whole number from ${minimum} to ${maximum}`)
  }
  const chosen = text('HOTCELL_DATA_DIR')
  const logLevel = text('HOTCELL_LOG_LEVEL') ?? 'info'
  const known = LOG_LEVELS.find((level) => level === logLevel)
  if (known === undefined) throw invalid('HOTCELL_LOG_LEVEL', logLevel, LOG_LEVELS.join(', '))
  return Object.freeze({
    dataDir: chosen === undefined ? join(homedir(), '.local', 'share', 'hotcell') : resolve(chosen),
    baseImage: text('HOTCELL_BASE_IMAGE'),
    host: text('HOTCELL_HOST') ?? '127.0.0.1',
    port: integer('HOTCELL_PORT', 8420, 0, 65_535),
    url: readUrl(text('HOTCELL_URL')),
    key: text('HOTCELL_KEY') ?? null,
    concurrency: integer('HOTCELL_CONCURRENCY', Math.min(5, availableParallelism()), 1, 64),
    warmCells: readWarmCells(text('HOTCELL_WARM_CELLS')),
    maxQueued: integer('HOTCELL_MAX_QUEUED', 10_000, 1, 1_000_000),
    maxQueuedPerOwner: integer('HOTCELL_MAX_QUEUED_PER_OWNER', 2000, 1, 1_000_000),
    cache: readSwitch('HOTCELL_CACHE', text('HOTCELL_CACHE') ?? '1'),
    drainMs: integer('HOTCELL_DRAIN_MS', 30_000, 0, 3_600_000),
    strict: readSwitch('HOTCELL_STRICT', text('HOTCELL_STRICT')),
    accept: readAccepted(text('HOTCELL_ACCEPT')),
    logLevel: known,
  })
}

const MOST_WARM_CELLS = 64

function readWarmCells(value = '1..4'): Config['warmCells'] {
  const [, least = '', most = least] = /^(\d{1,3})(?:\.\.(\d{1,3}))?$/.exec(value) ?? []
  const [min, max] = [Number(least), Number(most)]
  if (least !== '' && min <= max && max <= MOST_WARM_CELLS) return Object.freeze({ min, max })
  throw invalid('HOTCELL_WARM_CELLS', value, `a number, or least..most as in 1..4, from 0 to ${MOST_WARM_CELLS}`)
}

function readSwitch(name: SettingName, value = '0'): boolean {
  if (value === '0' || value === '1') return value === '1'
  throw invalid(name, value, '0 or 1')
}

function readAccepted(value = ''): readonly string[] {
  const ids = value.split(',').map((id) => id.trim())
  if (value === '') return Object.freeze([])
  if (ids.length <= 200 && ids.every((id) => /^[A-Za-z0-9-]{2,64}$/.test(id))) return Object.freeze(ids)
  throw invalid('HOTCELL_ACCEPT', value, 'ids as `hotcell doctor` shows them, with commas between')
}

function readUrl(value: string | undefined): string | null {
  if (value === undefined) return null
  const url = URL.parse(value)
  const web = url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
  if (web && [url.origin, `${url.origin}/`].includes(url.href)) return url.origin
  throw invalid('HOTCELL_URL', value, 'an http or https address with a host and a port and nothing behind them')
}

function invalid(name: SettingName, value: string, expected: string): PlatformError {
  return new PlatformError('usage', `Cannot use ${name}: it is ${JSON.stringify(value)}, expected ${expected}`, {
    hint: 'Correct or unset the environment variable; docs/operations.md lists them',
  })
}
