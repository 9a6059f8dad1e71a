import { describe, expect, it } from 'vitest'
import { drainLog } from '../../../runner-image/pool/log-drain.ts'
import { openClock } from '../../../runner-image/realm/clock.ts'
import { openLog, writeLog } from '../../../runner-image/realm/log.ts'
import {
  MAILBOX_BYTES,
  MAILBOX_HEAD,
  MAILBOX_RING_OFFSET,
  MAILBOX_TAIL,
} from '../../../runner-image/realm/mailbox-layout.ts'

function openMailbox(): SharedArrayBuffer {
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  openClock(mailbox)
  openLog(mailbox)
  return mailbox
}

describe('drainLog()', () => {
  it('returns what was written, in order, across the end of the ring and of the counters', () => {
    const mailbox = openMailbox()
    const words = new Int32Array(mailbox)
    words[MAILBOX_HEAD] = 0x7fffffff - 50
    words[MAILBOX_TAIL] = words[MAILBOX_HEAD]
    for (let round = 0; round < 40; round++) {
      const texts = Array.from({ length: 5 }, (_, i) => `${round}-${i} ü\u{1f600} ${'x'.repeat(1000 * i)}`)
      for (const text of texts) writeLog('info', text, '{"a":1}')

      expect(drainLog(mailbox)).toEqual(texts.map((text) => ({ level: 'info', time: null, text, fields: { a: 1 } })))
    }
    expect(drainLog(mailbox)).toEqual([])
  })

  it.each<[string, (words: Int32Array, ring: Uint16Array) => void]>([
    ['a head beyond the ring', (words) => (words[MAILBOX_HEAD] = 1_000_000)],
    ['a half entry', (words) => (words[MAILBOX_HEAD] = 3)],
    ['an unknown level', (words, ring) => ((words[MAILBOX_HEAD] = 20), (ring[0] = 9))],
    ['a text longer than the ring', (words, ring) => ((words[MAILBOX_HEAD] = 20), (ring[7] = 9))],
  ])('refuses %s', (_name, damage) => {
    const mailbox = openMailbox()
    damage(new Int32Array(mailbox), new Uint16Array(mailbox, MAILBOX_RING_OFFSET))

    expect(() => drainLog(mailbox)).toThrow('Cannot read the log ring')
  })
})
