import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { Monitor } from '../../../runner-image/pool/monitor.ts'
import { MAILBOX_BAR_TIME, MAILBOX_BYTES, MAILBOX_ROW } from '../../../runner-image/realm/mailbox-layout.ts'
import { openLog, writeLog } from '../../../runner-image/realm/log.ts'
import type { CellEvent } from '../../../src/protocol/events.ts'

const LOOKS_MS = 40

/** A thread that shows a row, and the time of its bar; what is said of it within a few looks. */
async function watchThread(shown: { row: number; barTime: number; text?: string }): Promise<CellEvent[]> {
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  openLog(mailbox)
  new Int32Array(mailbox, 0, 16)[MAILBOX_ROW] = shown.row
  new Float64Array(mailbox, 0, 16)[MAILBOX_BAR_TIME] = shown.barTime
  const thread = { index: 0, mailbox, unit: 'A', busy: true, stop: () => {}, run: () => Promise.reject(new Error()) }
  const events: CellEvent[] = []
  const monitor = new Monitor({ executors: [thread] }, (event) => events.push(event))
  monitor.limits = LIMITS
  if (shown.text !== undefined) writeLog('info', shown.text, '')
  monitor.beginPhase('decide', 1000)
  await monitor.watch(sleep(LOOKS_MS))
  return events
}

const LIMITS = {
  memoryBytes: 2 ** 30,
  barTimeMs: 1000,
  loadTimeMs: 1000,
  logBytes: 65_536,
  resultBytes: 2 ** 20,
  checkpointBytes: 0,
  checkpointMs: 0,
  maxDecisions: 1000,
  maxDecisionsPerCall: 10,
}

describe('Monitor', () => {
  it('tells of the first bar that is decided, once, and after what was printed before', async ({ expect }) => {
    const events = await watchThread({ row: 3, barTime: 60_000, text: 'hello' })

    expect(events.map(({ type }) => type)).toEqual(['log', 'progress'])
    expect(events[1]).toEqual({ type: 'progress', phase: 'decide', done: 3, total: 1000, barTime: 60_000 })
  })

  it('takes rows of a lookback for no bar', async ({ expect }) => {
    expect(await watchThread({ row: 30, barTime: 0 })).toEqual([])
  })
})
