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

/** The real command line in a process of its own, with its own data directory and working directory. */
export interface CliSandbox extends AsyncDisposable {
  readonly dataDir: string
  readonly cwd: string
  run(
    args: readonly string[],
    options?: { timeoutMs?: number; onStderr?: (text: string, pid: number) => void },
  ): Promise<CliResult>
}

export async function createCliSandbox(): Promise<CliSandbox> {
  const root = await mkdtemp(join(tmpdir(), 'hotcell-cli-'))
  const dataDir = join(root, 'data')
  return {
    dataDir,
    cwd: root,
    async run(args, options = {}) {
      return await new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [MAIN, ...args], {
          cwd: root,
          env: { ...process.env, HOTCELL_DATA_DIR: dataDir },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 120_000)
        let stdout = ''
        let stderr = ''
        child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text
          options.onStderr?.(text, child.pid!)
        })
        child.on('error', reject)
        child.on('close', (code) => {
          clearTimeout(timer)
          resolve({ code, stdout, stderr })
        })
      })
    },
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true })
    },
  }
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
