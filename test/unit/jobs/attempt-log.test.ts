import { join } from 'node:path'
import { describe, it } from 'vitest'
import { beginAttempt, countWritten, createAttemptLog } from '../../../orchestrator-service/jobs/attempt-log.ts'
import { createJobFeed } from '../../../orchestrator-service/jobs/job-feed.ts'
import { createKeyedLock, sayInLog } from '../../../orchestrator-service/jobs/job-context.ts'
import type { LogEntry } from '../../../orchestrator-service/logs/job-log.ts'
import { createJobLogs, type JobLogs } from '../../../orchestrator-service/logs/job-logs.ts'
import type { CellLog } from '../../../orchestrator-service/sandbox/event-lines.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const ID = 'r-one'

function openLogs(path: string): JobLogs {
  return createJobLogs({ pathOf: (id) => join(path, `${id}.ndjson`), onWritten() {} })
}

function said(text: string): CellLog {
  return { at: 1, source: 'strategy', level: 'info', unit: null, time: null, text, fields: null }
}

async function textsOf(logs: JobLogs): Promise<string[]> {
  const { bytes } = await logs.read(ID, { from: 0, maxBytes: 1e6 })
  const lines = Buffer.from(bytes).toString('utf8').trim().split('\n')
  return lines.map((line) => (JSON.parse(line) as LogEntry).text)
}

describe('the log of an attempt', () => {
  it('goes on where an earlier process stopped, with its own attempt only', async ({ expect }) => {
    using dir = temporaryDirectory()
    await using logs = openLogs(dir.path)
    const write = async (attempt: number, texts: readonly string[]): Promise<void> => {
      beginAttempt({ logs }, ID, attempt)
      const log = createAttemptLog({ logs }, ID, { capBytes: 10_000 })
      for (const text of texts) log.add(said(text))
      await log.end()
    }
    await write(1, ['a', 'b', 'c'])
    await write(2, ['a', 'b'])
    sayInLog(logs, ID, 'Cancelled by nobody')
    await logs.close(ID)

    const skip = await countWritten({ logs }, ID, 2)
    const log = createAttemptLog({ logs }, ID, { capBytes: 10_000, skip })
    for (const text of ['a', 'b', 'c']) log.add(said(text))
    await log.end()

    expect(skip).toBe(2)
    expect((await textsOf(logs)).slice(-5)).toEqual(['Attempt 2 taken', 'a', 'b', 'Cancelled by nobody', 'c'])
  })

  it('leaves out what is over the cap, and says how much', async ({ expect }) => {
    using dir = temporaryDirectory()
    await using logs = openLogs(dir.path)
    const log = createAttemptLog({ logs }, ID, { capBytes: 400 })

    for (let i = 0; i < 10; i += 1) log.add(said(`entry ${i}`))
    await log.end()

    expect(await textsOf(logs)).toEqual([
      'entry 0',
      'entry 1',
      '8 more entries were left out: the log of an attempt has at most 400 bytes',
    ])
  })
})

describe('createJobFeed()', () => {
  it('tells those who listen to a job, until they stop', ({ expect }) => {
    const feed = createJobFeed()
    const heard: string[] = []
    const stop = feed.subscribe(ID, (topic) => heard.push(topic))

    feed.notify(ID, 'state')
    feed.notify('r-two', 'state')
    feed.setProgress(ID, { phase: 'decide', done: 1, total: 2, barTime: null })
    expect(feed.progress(ID)).toMatchObject({ done: 1 })
    feed.setProgress(ID, null)
    stop()
    feed.notify(ID, 'log')

    expect(heard).toEqual(['state', 'progress'])
    expect(feed.progress(ID)).toBeNull()
  })
})

describe('createKeyedLock()', () => {
  it('runs the steps of a key one after the other, also after one that failed', async ({ expect }) => {
    const exclusive = createKeyedLock()
    const order: string[] = []
    const step = (name: string, ms: number) => async (): Promise<string> => {
      order.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, ms))
      order.push(`${name} ends`)
      if (name === 'bad') throw new Error(name)
      return name
    }

    const all = await Promise.allSettled([
      exclusive('a', step('slow', 30)),
      exclusive('a', step('bad', 10)),
      exclusive('a', step('last', 0)),
      exclusive('b', step('other', 0)),
    ])

    expect(order.filter((line) => !line.startsWith('other'))).toEqual([
      'slow begins',
      'slow ends',
      'bad begins',
      'bad ends',
      'last begins',
      'last ends',
    ])
    expect(order.indexOf('other ends')).toBeLessThan(order.indexOf('slow ends'))
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  })
})
