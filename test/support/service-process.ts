import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readServiceFile } from '../../orchestrator-service/cli/client/service-file.ts'

const MAIN = fileURLToPath(new URL('../../orchestrator-service/cli/main.ts', import.meta.url))

/** `hotcell serve` in a process of its own, which can be killed and started again. */
export interface ServiceProcess extends AsyncDisposable {
  /** Null: it does not run. */
  readonly pid: number | null
  /** Resolves when it answers. */
  start(): Promise<void>
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
  /** One attempt; null: nobody answered. */
  call(
    method: string,
    path: string,
    options?: { body?: unknown; key?: string; timeoutMs?: number },
  ): Promise<Answer | null>
}

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

export function createServiceProcess(dataDir: string, env: Readonly<Record<string, string>>): ServiceProcess {
  let child: ChildProcess | null = null
  let address: { url: string; token: string } | null = null

  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    const ending = child
    child = null
    address = null
    if (ending === null || ending.exitCode !== null) return ending?.exitCode ?? null
    const gone = new Promise<number | null>((resolve) => ending.once('close', resolve))
    ending.kill(signal)
    return await gone
  }

  return {
    get pid() {
      return child?.pid ?? null
    },
    async start() {
      let said = ''
      const started = spawn(process.execPath, [MAIN, 'serve', '--port', '0'], {
        env: { ...process.env, HOTCELL_DATA_DIR: dataDir, HOTCELL_LOG_LEVEL: 'warn', HOTCELL_CACHE: '0', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      const serving = new Promise<boolean>((resolve) => {
        started.stdout.setEncoding('utf8').on('data', (text: string) => {
          if (text.includes('serves')) resolve(true)
        })
        started.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)))
        started.once('close', () => resolve(false))
      })
      if (!(await serving)) {
        if (child === started) throw new Error(`The service ended at its start: ${said}`)
        return
      }
      const file = readServiceFile(dataDir)
      if (file?.pid === started.pid && file !== null) address = file
    },
    kill: end,
    async call(method, path, { body, key, timeoutMs = 20_000 } = {}) {
      const to = address
      if (to === null) return null
      const headers: Record<string, string> = { authorization: `Bearer ${to.token}` }
      if (body !== undefined) headers['content-type'] = 'application/json'
      if (key !== undefined) headers['idempotency-key'] = key
      try {
        const answer = await fetch(`${to.url}${path}`, {
          method,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(timeoutMs),
        })
        return { status: answer.status, body: (await answer.json()) as Answer['body'] }
      } catch {
        await sleep(20)
        return null
      }
    },
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}
