import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../orchestrator-service/cli/main.ts', import.meta.url))

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly timeoutMs?: number
  /** Beside the environment of the test; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A command that runs. */
export interface CliProcess {
  readonly pid: number
  readonly ended: Promise<CliResult>
  kill(signal: NodeJS.Signals): void
  /** Resolves with all text so far as soon as it matches; rejects when the command ends before. */
  says(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string>
}

export interface CliService extends CliProcess {
  readonly url: string
  readonly firstKey: { readonly key: { readonly id: string }; readonly secret: string } | null
  /** Ends it; its exit code and words. */
  stop(signal?: NodeJS.Signals): Promise<CliResult>
}

/** The real command line in processes of its own, with its own data directory and working directory. */
export interface CliSandbox extends AsyncDisposable {
  readonly dataDir: string
  readonly cwd: string
  start(
    args: readonly string[],
    options?: CliOptions,
  ): CliProcess & { onStderr(listener: (text: string) => void): void }
  run(
    args: readonly string[],
    options?: CliOptions & { readonly onStderr?: (text: string, pid: number) => void },
  ): Promise<CliResult>
  /** `hotcell serve` on a free port, once it serves. What is not stopped ends with the sandbox. */
  serve(options?: CliOptions): Promise<CliService>
}

export async function createCliSandbox(): Promise<CliSandbox> {
  const root = await mkdtemp(join(tmpdir(), 'hotcell-cli-'))
  const dataDir = join(root, 'data')
  const services: CliService[] = []
  const start: CliSandbox['start'] = (args, options = {}) =>
    startProcess(
      args,
      // Some services end by SIGKILL here, which leaves what waits
      { cwd: root, env: { HOTCELL_DATA_DIR: dataDir, HOTCELL_WARM_CELLS: '0', HOTCELL_CACHE: '0', ...options.env } },
      options.timeoutMs,
    )
  return {
    dataDir,
    cwd: root,
    start,
    async run(args, options = {}) {
      const command = start(args, options)
      if (options.onStderr !== undefined) command.onStderr((text) => options.onStderr!(text, command.pid))
      return await command.ended
    },
    async serve(options) {
      const command = start(['serve', '--port', '0', '--json'], options)
      const { url, firstKey } = JSON.parse(await command.says('stdout', /\n/)) as Pick<CliService, 'url' | 'firstKey'>
      const service: CliService = {
        ...command,
        url,
        firstKey,
        async stop(signal = 'SIGTERM') {
          command.kill(signal)
          return await command.ended
        },
      }
      services.push(service)
      return service
    },
    async [Symbol.asyncDispose]() {
      for (const service of services) await service.stop('SIGKILL')
      await rm(root, { recursive: true, force: true })
    },
  }
}

function startProcess(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string | undefined>> },
  timeoutMs = 120_000,
): CliProcess & { onStderr(listener: (text: string) => void): void } {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, HOTCELL_URL: undefined, HOTCELL_KEY: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (more: string) => (text[stream] += more))
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, ...text })
    })
  })
  return {
    pid: child.pid!,
    ended,
    kill: (signal) => void child.kill(signal),
    onStderr: (listener) => void child.stderr.on('data', listener),
    async says(stream, pattern) {
      return await new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(text[stream])) resolve(text[stream])
        }
        child[stream].on('data', look)
        look()
        child.once('close', () => reject(new Error(`Ended without ${String(pattern)}: ${text.stdout}${text.stderr}`)))
      })
    },
  }
}

/** A strategy that computes `rounds` times a bar and never trades. */
export function slowStrategy(rounds: number): string {
  return `import { BaseStrategy } from 'hotcell'
export default class Slow extends BaseStrategy {
  decide({ index }) {
    let x = 0
    for (let i = 0; i < ${rounds}; i++) x += i % 7
    return x < 0 ? { signal: 'BUY' } : null
  }
}
`
}

/** A CSV of `days` hourly bars that rise and fall; `skip` leaves bars out. */
export function hourlyCsv(days: number, skip: (hour: number) => boolean = () => false): string {
  const lines = ['open_time,open,high,low,close,volume']
  let price = 100
  for (let hour = 0; hour < days * 24; hour += 1) {
    const next = price * (1 + 0.01 * Math.sin(hour / 7) + 0.002 * Math.cos(hour / 3))
    const [open, close] = [price.toFixed(4), next.toFixed(4)].map(Number) as [number, number]
    if (!skip(hour))
      lines.push(
        [
          1_704_067_200_000 + hour * 3_600_000,
          open,
          Math.max(open, close) + 0.5,
          Math.min(open, close) - 0.5,
          close,
          10 + (hour % 5),
        ].join(','),
      )
    price = close
  }
  return `${lines.join('\n')}\n`
}
