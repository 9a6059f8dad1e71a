import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { jobEvents } from '../../../orchestrator-service/api/follow/job-events.ts'
import { sampleBacktest, sourceBacktest, startTestService, type TestService } from '../../support/api-service.ts'

const LINES = 60

/** Logs in even distances over some seconds. */
const CHATTY = `import { BaseStrategy } from 'hotcell'
export default class Chatty extends BaseStrategy {
  decide({ index, log }) {
    let x = 0
    for (let i = 0; i < 5000; i += 1) x += Math.sqrt(i + index)
    if (index % 180 === 0) log(index % 360 === 0 ? 'warn' : 'debug', 'bar ' + index, { x })
    return null
  }
}`

describe('following', () => {
  let service: TestService

  beforeAll(async () => (service = await startTestService()))
  afterAll(async () => await service[Symbol.asyncDispose]())

  const submit = async (source: string) =>
    String((await service.json('POST', '/v1/backtests', { body: sourceBacktest(source) }))['id'])
  const wholeLog = async (id: string) => await readFile(service.app.runs.pathOf(id, 'log.ndjson'), 'utf8')

  /** Events of one connection, until `enough` says so or it ends. */
  async function follow(
    id: string,
    options: { last?: string | undefined; enough?: (event: EventSourceMessage) => boolean } = {},
  ): Promise<EventSourceMessage[]> {
    const controller = new AbortController()
    const headers = options.last === undefined ? {} : { 'last-event-id': options.last }
    const answer = await service.request('GET', `/v1/backtests/${id}/events`, { headers, signal: controller.signal })
    const events: EventSourceMessage[] = []
    let done = false
    const parser = createParser({
      onEvent: (event) => {
        if (done) return
        events.push(event)
        done = options.enough?.(event) ?? false
      },
    })
    const decoder = new TextDecoder()
    try {
      for await (const chunk of answer.body!) {
        parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }))
        if (done) break
      }
    } catch (error) {
      if (!service.url.startsWith('http')) throw error
    }
    controller.abort()
    return events
  }
  const dataOf = (events: EventSourceMessage[], name: string) =>
    events.filter(({ event }) => event === name).map(({ data }) => JSON.parse(data) as Record<string, unknown>)

  it('tells the state first, then every transition, progress, log entries, and the end', async ({ expect }) => {
    const id = await submit(CHATTY)

    const events = await follow(id)

    const states = dataOf(events, 'state').map((job) => job['state'])
    expect(events[0]!.event).toBe('state')
    expect(events.at(-1)!.event).toBe('end')
    expect(dataOf(events, 'end')[0]).toMatchObject({ id, state: 'completed' })
    expect([...new Set(states)]).toEqual(expect.arrayContaining(['running', 'verifying', 'completed']))
    expect(dataOf(events, 'progress').length).toBeGreaterThan(0)
    expect(
      dataOf(events, 'log')
        .map((entry) => JSON.stringify(entry))
        .join('\n'),
    ).toBe((await wholeLog(id)).trimEnd())
    for (const { event, id: place } of events) {
      if (event === 'progress') expect(place).toBeUndefined()
      else expect(place).toMatch(/^\d+:\d+$/)
    }
  })

  it('loses and doubles nothing over connections that are cut again and again', async ({ expect }) => {
    const id = await submit(CHATTY)
    const logs: unknown[] = []
    const transitions: number[] = []
    let last: string | undefined
    let ended = false
    let connections = 0

    while (!ended && connections < 200) {
      let left = 5
      const events = await follow(id, { last, enough: ({ event }) => event !== 'progress' && (left -= 1) === 0 })
      connections += 1
      logs.push(...dataOf(events, 'log'))
      for (const { event, id: place } of events.slice(last === undefined ? 0 : 1))
        if (event === 'state') transitions.push(Number(place!.split(':')[0]))
      last = events.findLast(({ id: place }) => place !== undefined)?.id ?? last
      ended = events.some(({ event }) => event === 'end')
    }

    expect(ended).toBe(true)
    expect(connections).toBeGreaterThan(5)
    expect(logs.map((entry) => JSON.stringify(entry)).join('\n')).toBe((await wholeLog(id)).trimEnd())
    const { version } = (await service.app.stores.jobs.get(id))!
    const first = transitions[0]!
    expect(transitions).toEqual(Array.from({ length: version - first + 1 }, (_, i) => first + i))
    expect(first).toBeLessThan(version - 1)
    expect(logs.length).toBeGreaterThanOrEqual(LINES)
  })

  it('goes on behind the last event after the service was closed and opened', async ({ expect }) => {
    const id = await submit(CHATTY)
    const first: EventSourceMessage[] = []
    const followed = follow(id, { enough: (event) => first.push(event) < 0 })
    while (dataOf(first, 'log').length < 5) await delay(10)
    const start = performance.now()
    await service.closeServer()
    const closeMs = performance.now() - start
    await followed
    await service.openServer()

    const rest = await follow(id, { last: first.findLast(({ id: place }) => place !== undefined)!.id })

    const logs = [...dataOf(first, 'log'), ...dataOf(rest, 'log')]
    expect(closeMs).toBeLessThan(5000)
    expect(first.some(({ event }) => event === 'end')).toBe(false)
    expect(logs.map((entry) => JSON.stringify(entry)).join('\n')).toBe((await wholeLog(id)).trimEnd())
    expect(rest.at(-1)!.event).toBe('end')
  })

  it('streams the log as it is written, and filters by level and source', async ({ expect }) => {
    const id = await submit(CHATTY)
    const get = async (query: string) =>
      await (await service.request('GET', `/v1/backtests/${id}/logs?${query}`)).text()

    const followed = await get('follow=true')
    const whole = await get('')
    const warnings = (await get('level=warn')).trimEnd().split('\n')
    const system = (await get('source=system')).trimEnd().split('\n')
    const secondLine = whole.indexOf('\n') + 1

    expect(followed).toBe(await wholeLog(id))
    expect(whole).toBe(followed)
    expect(warnings.length).toBeGreaterThanOrEqual(LINES / 2)
    for (const line of warnings) expect(['warn', 'error']).toContain((JSON.parse(line) as { level: string }).level)
    for (const line of system) expect((JSON.parse(line) as { source: string }).source).toBe('system')
    expect(await get(`from=${secondLine}`)).toBe(whole.slice(secondLine))
    expect(await get(`from=${whole.length}`)).toBe('')
    expect(JSON.parse(await get(`from=${secondLine + 1}`))).toMatchObject({ code: 'invalid_request' })
    expect(JSON.parse(await get(`from=${whole.length + 1}`))).toMatchObject({ code: 'invalid_request' })
  })

  it('begins to answer at once for a job that has logged nothing, and tells that it was cancelled', async ({
    expect,
  }) => {
    const busy = await Promise.all(Array.from({ length: 6 }, async () => await submit(CHATTY)))
    const id = busy.at(-1)!

    const begun = await service.request('GET', `/v1/backtests/${id}/logs?follow=true`)
    const events = follow(id)
    const { state } = await service.json('GET', `/v1/backtests/${id}`)
    for (const one of busy.toReversed()) await service.request('POST', `/v1/backtests/${one}/cancel`)
    const lines = await begun.text()

    expect(state).toBe('queued')
    expect(lines).toContain('"Cancelled by local"')
    expect(dataOf(await events, 'log')).toMatchObject([{ source: 'system', text: 'Cancelled by local' }])
  })

  it('ends for a job that was deleted while a client was slow, and begins for none', async ({ expect }) => {
    const { app } = service
    const { job } = await app.jobs.submit({ owner: 'local', raw: sourceBacktest(CHATTY), idempotency: null })
    const { signal } = new AbortController()
    const events = jobEvents(app, job, { from: null, signal })
    const first = await events.next()
    await app.jobs.cancel(job.id, 'me')
    await vi.waitFor(async () => await app.jobs.delete(job.id, 'me'), 10_000)
    const rest: string[] = []

    for await (const text of events) rest.push(text)

    expect(String(first.value)).toContain('event: state')
    expect(rest.filter((text) => text.startsWith(':'))).toEqual([])
    await expect(jobEvents(app, job, { from: null, signal }).next()).rejects.toMatchObject({ code: 'unknown_run' })
  })

  it('lets at most 100 follow, and gives their places to others', async ({ expect }) => {
    const id = await submit(CHATTY)
    const port = Number(new URL(service.url).port)
    const sockets: Socket[] = []
    for (let i = 0; i < 100; i += 1) sockets.push(await openFollower(port, id, service.token))

    const refused = await service.request('GET', `/v1/backtests/${id}/events`)
    const others = await service.request('GET', `/v1/backtests/${id}`)
    for (const socket of sockets) socket.destroy()
    let free = await service.request('GET', `/v1/backtests/${id}/logs`)
    for (let i = 0; i < 100 && free.status === 429; i += 1) {
      await delay(100)
      free = await service.request('GET', `/v1/backtests/${id}/logs`)
    }

    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([429, 'too_many_followers'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(others.status).toBe(200)
    expect(free.status).toBe(200)
    await free.text()
    await service.request('POST', `/v1/backtests/${id}/cancel`)
  })

  it('ends at once for a job that has ended', async ({ expect }) => {
    const job = await service.json('POST', '/v1/backtests?wait=60', { body: sampleBacktest() })

    const events = await follow(String(job['id']))

    expect(events.map(({ event }) => event).filter((event) => event !== 'log')).toEqual(['state', 'end'])
  })

  it('tells whoever comes back every transition since, as the job was then', async ({ expect }) => {
    const job = await service.json('POST', '/v1/backtests?wait=60', { body: sampleBacktest() })

    const events = await follow(String(job['id']), { last: '1:0' })

    const states = dataOf(events, 'state')
    const { version } = (await service.app.stores.jobs.get(String(job['id'])))!
    expect(states.length).toBe(version)
    expect(states[0]).toMatchObject({ state: 'queued', attempt: 0, startedAt: null, finishedAt: null, outcome: null })
    expect(states.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['preparing', 'running', 'verifying', 'completed']),
    )
    const { result: _, ...last } = job
    expect(states.at(-1)).toEqual(last)
    const torn = await service.request('GET', `/v1/backtests/${String(job['id'])}/events`, {
      headers: { 'last-event-id': '1:3' },
    })
    expect([torn.status, ((await torn.json()) as { code: string }).code]).toEqual([400, 'invalid_request'])
    const beyond = await follow(String(job['id']), { last: '1:999999999' })
    expect(dataOf(beyond, 'log')).toEqual(dataOf(events, 'log'))
  })
})

/** A client that asks and reads nothing. */
async function openFollower(port: number, id: string, secret: string): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET /v1/backtests/${id}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${secret}\r\n\r\n`)
    })
    socket.once('error', reject)
    socket.once('readable', () => {
      socket.pause()
      resolve(socket)
    })
  })
}
