import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'vitest'
import { followJob, type JobMessage } from '../../../orchestrator-service/cli/client/follow.ts'
import { createHttpClient } from '../../../orchestrator-service/cli/client/http-client.ts'
import type { JobState, JobView } from '../../../src/protocol/job.ts'

const JOB: JobView = {
  id: 'r-abcdefghijklmnop',
  state: 'running',
  owner: 'local',
  createdAt: '2024-01-01T00:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  position: null,
  estimateMs: null,
  attempt: 1,
  cancelRequested: false,
  strategy: 'BuyAndHold',
  market: 'spot',
  symbols: ['A'],
  interval: '1h',
  policy: 'default',
  limits: {},
  priority: 0,
  labels: {},
  verifies: null,
  progress: null,
  outcome: null,
  fingerprint: null,
  totalReturn: null,
  cachedFrom: null,
  links: {},
}
const jobIs = (state: JobState): string => JSON.stringify({ ...JOB, state })
const entry = (text: string): string =>
  JSON.stringify({ at: 1, source: 'strategy', level: 'info', unit: null, time: null, text, fields: null })
const event = (name: string, data: string, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`

type Turn = (request: IncomingMessage, response: ServerResponse) => void

/** A service that answers its connections one after the other as `turns` say; the last one goes on answering. */
async function serve(turns: readonly Turn[]) {
  let turn = 0
  const lastIds: (string | undefined)[] = []
  const server = createServer((request, response) => {
    lastIds.push(request.headers['last-event-id'] as string | undefined)
    turns[Math.min(turn++, turns.length - 1)]!(request, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    lastIds,
    client: createHttpClient(() => ({ url, key: 'k' })),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

const events =
  (...parts: readonly string[]): Turn =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(parts.join(''))
  }
const cutAfter =
  (...parts: readonly string[]): Turn =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(parts.join(''), () => setTimeout(() => response.destroy(), 20))
  }
const problem =
  (status: number, code: string): Turn =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ status, code, detail: `It is ${code}`, errors: [], hint: 'Do something' }))
  }

async function collect(client: ReturnType<typeof createHttpClient>): Promise<string[]> {
  const seen: string[] = []
  const describe = (message: JobMessage): string => {
    if (message.type === 'log') return message.entry.text
    return message.type === 'progress' ? String(message.progress.done) : `${message.type} ${message.job.state}`
  }
  for await (const message of followJob(client, JOB.id, new AbortController().signal)) seen.push(describe(message))
  return seen
}

describe('followJob()', () => {
  it('goes on behind the last event after connections that were cut or closed, and a service that restarts', async ({
    expect,
  }) => {
    await using service = await serve([
      cutAfter(event('state', jobIs('running'), '3:0'), event('log', entry('one'), '3:50'), 'id: 3:99\nevent: lo'),
      events(event('log', entry('two'), '3:100'), ': keep-alive\n\n'),
      problem(503, 'service_unavailable'),
      events(
        event('progress', JSON.stringify({ phase: 'decide', done: 7, total: 9, barTime: null })),
        event('later-release', '{}'),
        event('end', jobIs('completed'), '6:100'),
      ),
    ])

    expect(await collect(service.client)).toEqual(['state running', 'one', 'two', '7', 'end completed'])
    expect(service.lastIds).toEqual([undefined, '3:50', '3:100', '3:100'])
  })

  it('waits for a place where too many follow already', async ({ expect }) => {
    await using service = await serve([problem(429, 'too_many_followers'), events(event('end', jobIs('completed')))])

    expect(await collect(service.client)).toEqual(['end completed'])
  })

  it('ends at once with what the service refuses for good', async ({ expect }) => {
    await using service = await serve([problem(404, 'unknown_run')])

    await expect(collect(service.client)).rejects.toMatchObject({
      code: 'unknown_run',
      message: 'It is unknown_run',
      hint: 'Do something',
    })
    expect(service.lastIds).toHaveLength(1)
  })

  it.for([
    ['text that is no JSON', event('state', '{')],
    ['a job in another form', event('state', '{"id":"x"}')],
    ['progress in another form', event('progress', '{"done":"all"}')],
    ['an entry that is none', event('log', '7')],
  ] as const)('refuses %s', async ([, text], { expect }) => {
    await using service = await serve([events(text)])

    await expect(collect(service.client)).rejects.toMatchObject({ code: 'protocol' })
  })

  it('stops when it is told to', async ({ expect }) => {
    await using service = await serve([
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(event('state', jobIs('running'), '1:0'))
      },
    ])
    const controller = new AbortController()
    const follow = async (): Promise<void> => {
      for await (const message of followJob(service.client, JOB.id, controller.signal))
        if (message.type === 'state') controller.abort()
    }

    await expect(follow()).rejects.toThrow()
    expect(service.lastIds).toHaveLength(1)
  })
})
