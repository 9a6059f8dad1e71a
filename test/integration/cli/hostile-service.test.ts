import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { lines } from '../../../orchestrator-service/cli/client/lines.ts'
import { createCliSandbox } from '../../support/cli.ts'

const ESCAPE = '\u001b[31m\u0007'
const KEY = { id: `k${ESCAPE}`, owner: ESCAPE, role: `r${ESCAPE}`, createdAt: `2024${ESCAPE}`, revokedAt: null }
const ENTRY = { at: 1, source: `s${ESCAPE}`, level: 'info', unit: ESCAPE, time: null, text: ESCAPE, fields: null }

/** What a service that HOTCELL_URL names by mistake may answer. */
const ANSWERS: Readonly<Record<string, object>> = {
  'GET /v1/backtests/r-abc/logs': ENTRY,
  'GET /v1/admin/keys': { keys: [KEY] },
  'POST /v1/admin/keys': { ...KEY, secret: ESCAPE },
  'DELETE /v1/admin/keys/k-1': KEY,
  'POST /v1/backtests': { id: `r${ESCAPE}` },
}

describe('hotcell with a hostile service', () => {
  const server = createServer((request, response) => {
    const answer = ANSWERS[`${request.method} ${request.url}`] ?? { code: 'unknown_run', detail: ESCAPE, hint: ESCAPE }
    response.writeHead('code' in answer ? 404 : 200).end(JSON.stringify(answer))
  })
  let url = ''

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  it.for([
    ['logs', 'r-abc'],
    ['show', 'r-abc'],
    ['keys', 'list'],
    ['keys', 'create', '--owner', 'a'],
    ['keys', 'revoke', 'k-1'],
    ['run', 'BuyAndHold', '--symbols', 'A', '--interval', '1h', '--detach'],
  ] as const)('shows its control characters as text in %s %s', { timeout: 20_000 }, async (args, { expect }) => {
    await using sandbox = await createCliSandbox()

    const { stdout, stderr } = await sandbox.run([...args], { env: { HOTCELL_URL: url, HOTCELL_KEY: 'k' } })

    expect(stdout + stderr).not.toBe('')
    expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u)
  })

  it('waits no longer than so long for the next line of a log', async ({ expect }) => {
    const bytes = new TextEncoder().encode('one\ntw')
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes) })
    const seen: string[] = []
    const read = async (): Promise<void> => {
      for await (const line of lines(body, 50)) seen.push(line)
    }

    await expect(read()).rejects.toMatchObject({ code: 'service_unreachable' })
    expect(seen).toEqual(['one'])
  })
})
