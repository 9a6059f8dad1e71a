import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'
import {
  countContainers,
  findContradictions,
  openTestApp,
  readLog,
  slowSubmission,
  SUBMISSIONS,
  waitFor,
  waitForEnd,
  writeTestCandles,
} from '../../support/service.ts'
import { realShapedCandles } from '../../bench/candles.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const CHILD = fileURLToPath(new URL('../../support/service-child.ts', import.meta.url))

/** Submits in a process of its own, which is killed `afterMs` after the job has had the event; the id of the job. */
async function runAndKill(dataDir: string, raw: object, kill: { at: string; afterMs: number }): Promise<string> {
  const child = spawn(process.execPath, [CHILD, dataDir, '2'], { stdio: ['pipe', 'pipe', 'inherit'] })
  let id = ''
  try {
    child.stdin.write(`${JSON.stringify(raw)}\n`)
    for await (const line of createInterface({ input: child.stdout })) {
      const message = JSON.parse(line) as { type: string; id: string; event: string }
      if (message.type === 'submitted') id = message.id
      if (message.event === kill.at) break
    }
    await sleep(kill.afterMs)
    return id
  } finally {
    const gone = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await gone
  }
}

const cellTexts = (entries: readonly { source: string; text: string }[]): string[] =>
  entries.filter(({ source }) => source !== 'system').map(({ text }) => text)

const EXPECTED = Array.from({ length: 10 }, (_, i) => `bar ${i * 100} true`)

describe('a service that was killed', () => {
  it(
    'adopts a cell that was fed: same attempt, verified result, every log entry once',
    { timeout: 120_000 },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using first = await openTestApp(dir.path)
      await writeTestCandles(first)
      await first[Symbol.asyncDispose]()

      const id = await runAndKill(dir.path, slowSubmission(12), { at: 'fed', afterMs: 300 })
      expect(await countContainers(dir.path)).toBe(1)
      await using app = await openTestApp(dir.path)
      await app.start()
      const job = await waitForEnd(app, id)

      expect(job).toMatchObject({ state: 'completed', attempt: 1, outcome: { kind: 'ok', exitCode: 0 } })
      expect(await findContradictions(app, id)).toEqual([])
      const log = await readLog(app, id)
      expect(cellTexts(log)).toEqual(EXPECTED)
      expect(log.map(({ text }) => text)).toContain('Adopted the cell of attempt 1 from an earlier process')
      await waitFor('the removal of the cell', async () => (await countContainers(dir.path)) === 0)

      // The same job without a crash gives the same result
      const again = await app.jobs.submitAgain(id, { owner: 'me', by: 'me' })
      expect((await waitForEnd(app, again.id)).fingerprint).toBe(job.fingerprint)
    },
  )

  it('adopts a cell that ended while nobody was there', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using first = await openTestApp(dir.path)
    await writeTestCandles(first)
    await first[Symbol.asyncDispose]()

    const id = await runAndKill(dir.path, slowSubmission(1.5), { at: 'fed', afterMs: 0 })
    await sleep(4000)
    await using app = await openTestApp(dir.path)
    await app.start()
    const job = await waitForEnd(app, id)

    expect(job).toMatchObject({ state: 'completed', attempt: 1 })
    expect(cellTexts(await readLog(app, id))).toEqual(EXPECTED)
    expect(await findContradictions(app, id)).toEqual([])
  })

  it('adopts a cell that had answered, whose answer was being verified', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using first = await openTestApp(dir.path)
    // Half a second of verification
    await first.archive.write('spot', realShapedCandles('LONG', 500_000))
    await first[Symbol.asyncDispose]()

    const id = await runAndKill(dir.path, SUBMISSIONS.valid({ symbols: ['LONG'] }), { at: 'answered', afterMs: 50 })
    expect(await countContainers(dir.path)).toBe(1)
    await using app = await openTestApp(dir.path)
    await app.start()
    const job = await waitForEnd(app, id)

    expect(job).toMatchObject({ state: 'completed', attempt: 1, outcome: { kind: 'ok' } })
    const types = (await app.stores.jobs.events(id)).map(({ event }) => event.type)
    expect(types).toContain('adopted')
    expect(await findContradictions(app, id)).toEqual([])
    await waitFor('the removal of the cell', async () => (await countContainers(dir.path)) === 0)
  })

  it(
    'says of a job that is cancelled while it is verified that its cell is gone',
    { timeout: 120_000 },
    async ({ expect }) => {
      using dir = temporaryDirectory()
      await using app = await openTestApp(dir.path)
      await app.archive.write('spot', realShapedCandles('LONG', 500_000))
      await app.start()
      const raw = SUBMISSIONS.valid({ symbols: ['LONG'] })
      const { id } = (await app.jobs.submit({ owner: 'me', raw, idempotency: null })).job
      await waitFor('the answer', async () => (await app.stores.jobs.get(id))?.state === 'verifying')

      await app.jobs.cancel(id, 'me')
      expect(await waitForEnd(app, id)).toMatchObject({ state: 'cancelled', attempt: 1 })
      expect((await readLog(app, id)).map(({ text }) => text).join()).toContain('its container is removed')
    },
  )

  it('runs a job again whose cell had not been fed', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using first = await openTestApp(dir.path)
    await writeTestCandles(first)
    await first[Symbol.asyncDispose]()

    const id = await runAndKill(dir.path, slowSubmission(0.1), { at: 'taken', afterMs: 30 })
    await using app = await openTestApp(dir.path)
    await app.start()
    const job = await waitForEnd(app, id)

    expect(job).toMatchObject({ state: 'completed', attempt: 2 })
    const types = (await app.stores.jobs.events(id)).map(({ event }) => event.type)
    expect(types.filter((type) => type === 'retried')).toHaveLength(1)
    expect(await findContradictions(app, id)).toEqual([])
  })

  it('cancels an adopted cell', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using first = await openTestApp(dir.path)
    await writeTestCandles(first)
    await first[Symbol.asyncDispose]()

    const id = await runAndKill(dir.path, slowSubmission(60), { at: 'fed', afterMs: 0 })
    await using app = await openTestApp(dir.path)
    await app.start()
    await app.jobs.cancel(id, 'me')
    const job = await waitForEnd(app, id, 10_000)

    expect(job).toMatchObject({ state: 'cancelled', attempt: 1 })
    expect(await findContradictions(app, id)).toEqual([])
    await waitFor('the removal', async () => (await countContainers(dir.path)) === 0)
  })
})

describe('drain()', () => {
  it('leaves a fed cell running for the next process, which adopts it', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using first = await openTestApp(dir.path)
    await writeTestCandles(first)
    await first.start()
    const { job } = await first.jobs.submit({ owner: 'me', raw: slowSubmission(12), idempotency: null })
    await waitFor('fed', async () => (await first.stores.jobs.get(job.id))?.fed === true)

    await first.drain(100)
    await first[Symbol.asyncDispose]()
    expect(await countContainers(dir.path)).toBe(1)
    await using second = await openTestApp(dir.path)
    await second.start()
    const ended = await waitForEnd(second, job.id)

    expect(ended).toMatchObject({ state: 'completed', attempt: 1 })
    expect(cellTexts(await readLog(second, job.id))).toEqual(EXPECTED)
    expect(await findContradictions(second, job.id)).toEqual([])
  })

  it('waits for running jobs, and refuses new ones meanwhile', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path)
    await writeTestCandles(app)
    await app.start()
    const { job } = await app.jobs.submit({ owner: 'me', raw: slowSubmission(1), idempotency: null })
    await waitFor('taken', async () => (await app.stores.jobs.get(job.id))?.state !== 'queued')

    const drained = app.drain(60_000)
    await expect(app.jobs.submit({ owner: 'me', raw: slowSubmission(1), idempotency: null })).rejects.toMatchObject({
      code: 'service_unavailable',
    })
    await drained

    expect(await app.stores.jobs.get(job.id)).toMatchObject({ state: 'completed' })
    expect(await findContradictions(app, job.id)).toEqual([])
  })
})
