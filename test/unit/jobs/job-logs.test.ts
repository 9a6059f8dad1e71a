import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'
import type { LogEntry } from '../../../orchestrator-service/logs/job-log.ts'
import { createJobLogs, type JobLogs } from '../../../orchestrator-service/logs/job-logs.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

function entry(text: string): LogEntry {
  return { at: 1, source: 'strategy', level: 'info', unit: null, time: null, text, fields: null }
}

function openLogs(path: string): { logs: JobLogs; file: string; written: string[] } {
  const written: string[] = []
  const logs = createJobLogs({ pathOf: (id) => join(path, id, 'log.ndjson'), onWritten: (id) => written.push(id) })
  return { logs, file: join(path, 'r-one', 'log.ndjson'), written }
}

const textsOf = (bytes: Uint8Array): string[] =>
  Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as LogEntry).text)

describe('createJobLogs()', () => {
  it('gives back whole lines in the order of append, at offsets that stay', async ({ expect }) => {
    using dir = temporaryDirectory()
    const { logs, written } = openLogs(dir.path)
    await using _ = logs
    const texts = Array.from({ length: 500 }, (_, i) => `line ${i} ${'é'.repeat(i % 50)}`)

    for (const text of texts) logs.append('r-one', entry(text))
    await logs.close('r-one')

    expect(written).toEqual(['r-one'])
    const seen: string[] = []
    for (let from = 0; ;) {
      const { bytes, next } = await logs.read('r-one', { from, maxBytes: 1000 })
      if (next === from) break
      expect(bytes.at(-1)).toBe(10)
      expect(next - from).toBe(bytes.length)
      seen.push(...textsOf(bytes))
      from = next
    }
    expect(seen).toEqual(texts)
  })

  it('gives a line whole that is longer than what was asked for', async ({ expect }) => {
    using dir = temporaryDirectory()
    const { logs } = openLogs(dir.path)
    await using _ = logs
    logs.append('r-one', entry('x'.repeat(200_000)))
    logs.append('r-one', entry('after'))
    await logs.close('r-one')

    const first = await logs.read('r-one', { from: 0, maxBytes: 10 })
    const second = await logs.read('r-one', { from: first.next, maxBytes: 10 })

    expect(textsOf(first.bytes).map((text) => text.length)).toEqual([200_000])
    expect(textsOf(second.bytes)).toEqual(['after'])
  })

  it('can be read a moment after an entry, before the file is closed', async ({ expect }) => {
    using dir = temporaryDirectory()
    const { logs, written } = openLogs(dir.path)
    await using _ = logs

    logs.append('r-one', entry('early'))
    await expect.poll(() => written.length, { timeout: 2000 }).toBe(1)

    expect(textsOf((await logs.read('r-one', { from: 0, maxBytes: 100 })).bytes)).toEqual(['early'])
  })

  it('never shows a torn last line, and cuts it off before it goes on', async ({ expect }) => {
    using dir = temporaryDirectory()
    const before = openLogs(dir.path)
    before.logs.append('r-one', entry('whole'))
    await before.logs.close('r-one')
    const size = await before.logs.size('r-one')
    appendFileSync(before.file, `{"at":2,"text":"${'torn'.repeat(30_000)}`)

    await using logs = openLogs(dir.path).logs
    expect(await logs.size('r-one')).toBe(size)
    expect(await logs.read('r-one', { from: size, maxBytes: 100 })).toMatchObject({ next: size })
    logs.append('r-one', entry('next'))
    await logs.close('r-one')

    expect(textsOf(readFileSync(before.file))).toEqual(['whole', 'next'])
  })

  it('has nothing of a job without a log, or whose only line is torn', async ({ expect }) => {
    using dir = temporaryDirectory()
    const { logs, file } = openLogs(dir.path)
    await using _ = logs

    expect(await logs.size('r-one')).toBe(0)
    logs.append('r-one', entry('x'))
    await logs.close('r-one')
    writeFileSync(file, '{"torn')

    expect(await logs.size('r-one')).toBe(0)
    expect(await logs.read('r-one', { from: 0, maxBytes: 100 })).toEqual({ bytes: new Uint8Array(0), next: 0 })
  })

  it('tells a write that failed at the close', async ({ expect }) => {
    using dir = temporaryDirectory()
    writeFileSync(join(dir.path, 'r-one'), 'a file where the directory belongs')
    const { logs } = openLogs(dir.path)

    logs.append('r-one', entry('x'))
    await sleep(60)

    await expect(logs.close('r-one')).rejects.toMatchObject({ code: 'EEXIST' })
  })
})
