/**
 * A run from TypeScript, without any package. Node 24 or newer:
 *
 *   HOTCELL_URL=http://127.0.0.1:8420 HOTCELL_KEY=hk_… node run-backtest.ts strategy.ts BTCUSDT 1h
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const url = process.env['HOTCELL_URL'] ?? 'http://127.0.0.1:8420'
const authorization = `Bearer ${process.env['HOTCELL_KEY'] ?? ''}`

interface Problem {
  readonly code: string
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly message: string }[]
  readonly hint: string
}

async function call(path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
  const headers = { authorization, ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) }
  return await fetch(new URL(path, url), { ...init, headers: { ...headers, ...init.headers } })
}

/** Waits while the queue is full. One idempotency key for all attempts: however often it is sent, it is one run. */
async function submit(config: unknown): Promise<string> {
  const request = {
    method: 'POST',
    body: JSON.stringify(config),
    headers: { 'idempotency-key': randomUUID() },
  }
  for (;;) {
    const answer = await call('/v1/backtests', request)
    if (answer.ok) return ((await answer.json()) as { id: string }).id
    const problem = (await answer.json()) as Problem
    if (answer.status !== 429 && answer.status !== 503) {
      const places = problem.errors.map(({ pointer, message }) => `\n  at ${pointer}: ${message}`)
      throw new Error(`${problem.code}: ${problem.detail}${places.join('')}\n  hint: ${problem.hint}`)
    }
    await delay(1000 * Number(answer.headers.get('retry-after') ?? 1))
  }
}

/** Server-sent events, from the present state to `end`; after a broken connection on from the last one. */
async function* follow(run: string): AsyncGenerator<{ event: string; data: unknown }> {
  let lastId = ''
  for (;;) {
    const headers = lastId === '' ? {} : { 'last-event-id': lastId }
    const answer = await call(`/v1/backtests/${run}/events`, { headers }).catch(() => null)
    if (answer !== null && !answer.ok && answer.status !== 503) throw new Error(await answer.text())
    let text = ''
    try {
      for await (const part of (answer?.ok ? answer.body : null)?.pipeThrough(new TextDecoderStream()) ?? []) {
        const messages = (text + part).split('\n\n')
        text = messages.pop() ?? ''
        for (const message of messages) {
          const fields = new Map(message.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]))
          lastId = fields.get('id') ?? lastId
          const event = fields.get('event')
          if (event === undefined) continue
          yield { event, data: JSON.parse(fields.get('data') ?? 'null') }
          if (event === 'end') return
        }
      }
    } catch {
      // The connection broke: the next one goes on behind lastId
    }
    await delay(1000)
  }
}

const [file = 'strategy.ts', symbol = 'BTCUSDT', interval = '1h'] = process.argv.slice(2)
const run = await submit({
  strategy: { module: basename(file) },
  files: { [basename(file)]: await readFile(file, 'utf8') },
  symbols: [symbol],
  interval,
})
for await (const { event, data } of follow(run)) {
  if (event === 'state') console.log((data as { state: string }).state)
  if (event === 'log') console.log(JSON.stringify((data as { text: string }).text))
}

interface Result {
  readonly outcome: { readonly kind: string; readonly reason: string | null; readonly message: string }
  readonly summary: { readonly finalEquity: number } | null
  readonly fingerprint: string | null
}
const { outcome, summary, fingerprint } = (await (await call(`/v1/backtests/${run}/result`)).json()) as Result
if (outcome.kind === 'ok') console.log(`${run}: equity ${summary?.finalEquity.toFixed(2)}, ${fingerprint}`)
else {
  console.error(`${outcome.kind}(${outcome.reason}): ${outcome.message}`)
  process.exitCode = 1
}
