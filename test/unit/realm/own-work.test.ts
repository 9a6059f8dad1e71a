import { describe, it } from 'vitest'
import { createColumns } from '../../../runner-image/realm/columns.ts'
import { MAILBOX_BYTES, MAILBOX_STATE, THREAD_STATES } from '../../../runner-image/realm/mailbox-layout.ts'
import { openOwnWork, ownWork } from '../../../runner-image/realm/own-work.ts'

function openMailbox(): Int32Array {
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  openOwnWork(mailbox)
  const words = new Int32Array(mailbox, 0, 16)
  words[MAILBOX_STATE] = THREAD_STATES.deciding
  return words
}

const ROWS = 8

describe('work of the engine in the middle of a bar', () => {
  it('is not the time of the strategy: a column is made that a strategy reads for the first time', ({ expect }) => {
    const words = openMailbox()
    const states: number[] = []
    const watched = new Proxy(
      Float64Array.from({ length: ROWS }, (_, i) => i + 1),
      {
        get(target, name) {
          states.push(words[MAILBOX_STATE]!)
          return Reflect.get(target, name) as unknown
        },
      },
    )
    const plain = new Float64Array(ROWS)
    const hidden = { time: plain, open: plain, high: plain, low: plain, close: watched, volume: plain }
    const revealed = createColumns(hidden, ROWS)
    revealed.show(0)
    revealed.show(1)
    expect(states).toEqual([])

    const { close } = revealed.columns
    expect([...close.subarray(0, 3)]).toEqual([1, 2, Number.NaN])
    expect(states).toEqual([THREAD_STATES.computing, THREAD_STATES.computing])
    expect(words[MAILBOX_STATE]).toBe(THREAD_STATES.deciding)
  })

  it('gives the bar back to the strategy when it fails too', ({ expect }) => {
    const words = openMailbox()
    const fail = (): never => {
      throw new RangeError('no memory')
    }
    expect(() => ownWork(fail)).toThrow('no memory')
    expect(words[MAILBOX_STATE]).toBe(THREAD_STATES.deciding)
  })
})
