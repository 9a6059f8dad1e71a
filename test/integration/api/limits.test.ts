import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { realShapedCandles } from '../../bench/candles.ts'
import { sampleBacktest, startTestService, type TestService } from '../../support/api-service.ts'

const STALL_MS = 1500
const MIB = 1024 * 1024

describe('limits of connections', () => {
  let service: TestService

  beforeAll(async () => (service = await startTestService({}, { stallMs: STALL_MS })))
  afterAll(async () => await service[Symbol.asyncDispose]())

  const open = async (text: string): Promise<Socket> =>
    await new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1', () =>
        socket.write(text, () => resolve(socket)),
      )
      socket.once('error', reject)
    })

  it('reads no further ahead than a client takes, and cuts off one that takes nothing', async ({ expect }) => {
    const job = await service.json('POST', '/v1/backtests?wait=60', { body: sampleBacktest() })
    const id = String(job['id'])
    const { logs } = service.app
    const text = 'x'.repeat(16_000)
    const entry = { at: 0, source: 'system', level: 'info', unit: null, time: null, text, fields: null } as const
    for (let i = 0; i < 4000; i += 1) logs.append(id, entry)
    await logs.close(id)
    const size = await logs.size(id)
    const read = vi.spyOn(logs, 'read')
    const bytesRead = async () =>
      (await Promise.all(read.mock.results.map(({ value }) => value as ReturnType<typeof logs.read>))).reduce(
        (sum, { bytes }) => sum + bytes.length,
        0,
      )

    const socket = await open(
      `GET /v1/backtests/${id}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${service.token}\r\n\r\n`,
    )
    socket.pause()
    const cut = new Promise<void>((resolve) => socket.once('close', () => resolve()).on('error', () => {}))
    await delay(STALL_MS / 2)
    const whileWaiting = await bytesRead()
    await delay(STALL_MS * 1.5)
    const afterStall = await bytesRead()
    let received = 0
    socket.on('data', (part: Buffer) => (received += part.length))
    socket.resume()
    await cut

    read.mockRestore()
    expect(size).toBeGreaterThan(60 * MIB)
    expect(whileWaiting).toBeGreaterThan(0)
    expect(whileWaiting).toBeLessThan(16 * MIB)
    expect(afterStall).toBe(whileWaiting)
    expect(received).toBeLessThan(16 * MIB)
  })

  it('cuts off who takes nothing of a download, however large its pieces are, and gives the place to others', async ({
    expect,
  }) => {
    const { app, token } = service
    const rows = 300_000
    await app.archive.write('spot', realShapedCandles('LARGE', rows))
    const path = '/v1/candles/LARGE/1m?format=arrow'
    const sockets = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const socket = await open(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`)
        const [head] = (await once(socket, 'data')) as [Buffer]
        socket.pause().on('error', () => {})
        expect(head.toString('latin1')).toMatch(/^HTTP\/1.1 200 /)
        return socket
      }),
    )
    await delay(STALL_MS * 2)
    const whole = (await (await service.request('GET', path)).arrayBuffer()).byteLength
    const received = await Promise.all(
      sockets.map(async (socket) => {
        let bytes = 0
        socket.on('data', (part: Buffer) => (bytes += part.length)).resume()
        await once(socket, 'close')
        return bytes
      }),
    )

    expect(whole).toBeGreaterThan(rows * 6 * 8)
    expect(Math.max(...received)).toBeLessThan(whole)
  })

  it('answers 408 to headers that do not come to an end', async ({ expect }) => {
    const socket = await open('GET / HTTP/1.1\r\nhost: x\r\nx-slow: ')
    let answer = ''
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part))

    await new Promise<void>((resolve) => socket.once('close', () => resolve()))

    expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/)
  })
})
