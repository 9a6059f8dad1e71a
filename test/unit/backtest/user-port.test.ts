import { describe, it } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { CALLS_PER_HASH, decodeAnswerLog, encodeAnswerLog, type AnswerLog } from '../../../src/backtest/answer-log.ts'
import {
  AnswerMismatch,
  NO_USER_CODE,
  recordUserCode,
  replayUserCode,
  type PlainData,
  type UserCode,
} from '../../../src/backtest/user-port.ts'
import { canonicalJson } from '../../../src/protocol/canonical-json.ts'

/** Answers that are numbers, texts, lists and now and then the neutral one. */
function answerOf(port: string, args: string): PlainData {
  const n = args.length % 4
  if (port === 'risk') return n === 0 ? true : { admit: false, reason: `r${n}` }
  return n === 3 ? [n, null] : args.length / 3
}

function record(drive: (user: UserCode) => unknown): { seen: unknown; log: AnswerLog } {
  const user = recordUserCode({
    createHasher: createSha256,
    answer: answerOf,
    at: () => {},
    onFull: () => {
      throw new Error('too many')
    },
  })
  const seen = drive(user)
  return { seen, log: decodeAnswerLog(encodeAnswerLog(user.finish())) }
}

const asks =
  (count: number, change: (i: number) => number = (i) => i) =>
  (user: UserCode): PlainData[] => {
    const seen: PlainData[] = []
    for (let i = 0; i < count; i++) {
      seen.push(user.ask('sizing', [change(i) ** 3, 'open']))
      if (i % 3 === 0) seen.push(user.ask('risk', [{ at: change(i) ** 2 }], true))
    }
    return seen
  }

function replay(log: AnswerLog, drive: (user: UserCode) => unknown): unknown {
  const user = replayUserCode(log, createSha256)
  const seen = drive(user)
  user.finish()
  return seen
}

const one = (log: AnswerLog, change: (port: AnswerLog['ports'][number]) => object): AnswerLog => ({
  ...log,
  ports: log.ports.map((port) => (port.port === 'sizing' ? { ...port, ...change(port) } : port)),
})

describe('user code of phase 2', () => {
  it('answers again what was recorded', ({ expect }) => {
    for (const count of [1, 7, 4096, 4097, 9000]) {
      const { seen, log } = record(asks(count))

      expect(replay(log, asks(count))).toEqual(seen)
    }
  })

  it('keeps no row of a neutral answer', ({ expect }) => {
    const { log } = record((user) => {
      for (let i = 0; i < 20; i++) user.ask('risk', [10 ** i], true)
    })

    expect(log.ports[0]!.calls).toBe(20)
    expect(log.ports[0]!.call.length).toBeLessThan(20)
  })

  it('keeps a hash of the arguments every 4,096 calls', ({ expect }) => {
    expect(record(asks(CALLS_PER_HASH)).log.ports.find((port) => port.port === 'sizing')!.hashes).toHaveLength(1)
    expect(record(asks(CALLS_PER_HASH + 1)).log.ports.find((port) => port.port === 'sizing')!.hashes).toHaveLength(2)
  })

  it('hashes the hash before and a line for the arguments of each call, however long they are', ({ expect }) => {
    const args = (i: number): PlainData[] => [i, 'é'.repeat(40 + (i % 7))]
    const { log } = record((user) => {
      for (let i = 0; i < CALLS_PER_HASH + 900; i++) user.ask('sizing', args(i))
    })
    const lines = Array.from({ length: CALLS_PER_HASH + 900 }, (_, i) => `${canonicalJson(args(i))}\n`)
    const digest = (text: string): string => {
      const hasher = createSha256()
      hasher.update(new TextEncoder().encode(text))
      return hasher.digestHex()
    }
    const first = digest(`\n${lines.slice(0, CALLS_PER_HASH).join('')}`)

    expect(log.ports[0]!.hashes).toEqual([first, digest(`${first}\n${lines.slice(CALLS_PER_HASH).join('')}`)])
  })

  const { log } = record(asks(5000))
  const shifted = log.ports.map((port) => ({ ...port, text: port.text.map((index) => (index > 0 ? index + 1 : 0)) }))
  const forged: readonly (readonly [string, AnswerLog, number, (i: number) => number])[] = [
    ['no answers at all', { ports: [], strings: [] }, 5000, (i) => i],
    ['a call too many', log, 5001, (i) => i],
    ['a call too few', log, 4999, (i) => i],
    ['other arguments', log, 5000, (i) => (i === 4998 ? 1 : i)],
    ['other arguments before the first hash', log, 4097, (i) => (i === 7 ? 1 : i)],
    ['a missing row', one(log, ({ call }) => ({ call: call.slice(0, -1) })), 5000, (i) => i],
    ['a hash that is not theirs', one(log, () => ({ hashes: ['00'.repeat(32), '00'.repeat(32)] })), 5000, (i) => i],
    ['a text that is not canonical', { ...log, strings: ['{ }'] }, 5000, (i) => i],
    ['a text that is no answer', { ...log, strings: [...log.strings, '"more"'] }, 5000, (i) => i],
    ['a text twice', { ...log, strings: [...log.strings, ...log.strings] }, 5000, (i) => i],
    ['texts in another order', { ...log, strings: ['"more"', ...log.strings], ports: shifted }, 5000, (i) => i],
    ['a number as text', { ...log, strings: ['1'] }, 5000, (i) => i],
  ]
  it.for(forged)('refuses %s', ([, document, count, change], { expect }) => {
    expect(() => replay(document, asks(count, change))).toThrow(AnswerMismatch)
  })

  it('refuses a row that says what needs none', ({ expect }) => {
    const risk = { port: 'risk', calls: 1, hashes: ['00'.repeat(32)], number: Float64Array.of(Number.NaN) } as const
    const neutral = { ports: [{ ...risk, call: Uint32Array.of(0), text: Uint32Array.of(1) }], strings: ['true'] }

    expect(() => replay(neutral, (user) => user.ask('risk', [1], true))).toThrow(AnswerMismatch)
  })

  it('is not asked where there is none', ({ expect }) => {
    expect(() => NO_USER_CODE.ask('fee', [])).toThrow('Invariant')
    expect(NO_USER_CODE.finish().ports).toEqual([])
  })
})
