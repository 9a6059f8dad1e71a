import { describe, it } from 'vitest'
import { decodeAnswerLog, encodeAnswerLog, NO_ANSWERS, type AnswerLog } from '../../../src/backtest/answer-log.ts'
import type { AnswerLogDocument } from '../../../src/protocol/answer-log.ts'
import { createRandom, type Random } from '../../support/random.ts'

const HASH = 'ab'.repeat(32)

function randomLog(random: Random): AnswerLog {
  const strings = Array.from({ length: random.int(0, 3) }, (_, i) => `"text ${i}"`)
  const ports = (['leg', 'fee', 'sizing', 'executor'] as const)
    .filter(() => random.chance(0.6))
    .map((port) => {
      const calls = random.int(1, 9000)
      const call = Array.from({ length: 40 }, () => random.int(0, calls - 1))
      const rows = [...new Set(call)].sort((a, b) => a - b).slice(0, random.int(0, 40))
      const text = rows.map(() => (strings.length > 0 && random.chance(0.5) ? random.int(1, strings.length) : 0))
      return {
        port,
        calls,
        hashes: Array.from({ length: Math.ceil(calls / 4096) }, () => HASH),
        call: Uint32Array.from(rows),
        number: Float64Array.from(text, (index) => (index === 0 ? random.next() * 1e6 - 5e5 : Number.NaN)),
        text: Uint32Array.from(text),
      }
    })
  return { ports, strings }
}

const column = (values: Float64Array | Uint32Array): string => Buffer.from(values.buffer).toString('base64')

/** Two answers of five calls: a number and a text. */
const HONEST: AnswerLogDocument = {
  ports: [
    {
      port: 'sizing',
      calls: 5,
      hashes: [HASH],
      rows: 2,
      call: column(Uint32Array.of(1, 3)),
      number: column(Float64Array.of(2.5, Number.NaN)),
      text: column(Uint32Array.of(0, 1)),
    },
  ],
  strings: ['"a"'],
}

const withPort = (changes: Partial<AnswerLogDocument['ports'][number]>): AnswerLogDocument => ({
  ...HONEST,
  ports: [{ ...HONEST.ports[0]!, ...changes }],
})

const HOSTILE: readonly (readonly [string, AnswerLogDocument])[] = [
  ['a port that there is not', withPort({ port: 'size' })],
  ['a port twice', { ...HONEST, ports: [HONEST.ports[0]!, HONEST.ports[0]!] }],
  ['ports out of order', { ...HONEST, ports: [HONEST.ports[0]!, { ...HONEST.ports[0]!, port: 'fee' }] }],
  ['a port that was never asked', withPort({ calls: 0, rows: 0, hashes: [], call: '', number: '', text: '' })],
  ['more rows than calls', withPort({ calls: 1 })],
  ['a hash too many', withPort({ hashes: [HASH, HASH] })],
  ['no hash', withPort({ hashes: [] })],
  ['a hash too few', withPort({ calls: 4097 })],
  ['a column that is too short', withPort({ call: column(Uint32Array.of(1)) })],
  ['a column that is too long', withPort({ number: column(Float64Array.of(1, 2, 3)) })],
  ['what is no base64', withPort({ call: '*'.repeat(12) })],
  ['calls that descend', withPort({ call: column(Uint32Array.of(3, 1)) })],
  ['a call twice', withPort({ call: column(Uint32Array.of(3, 3)) })],
  ['a call beyond the last one', withPort({ call: column(Uint32Array.of(1, 5)) })],
  ['a text that there is not', withPort({ text: column(Uint32Array.of(0, 2)) })],
  ['a row without an answer', withPort({ number: column(Float64Array.of(Number.NaN, Number.NaN)) })],
  ['a row with two answers', withPort({ number: column(Float64Array.of(2.5, 1)) })],
  ['an infinite answer', withPort({ number: column(Float64Array.of(Number.POSITIVE_INFINITY, Number.NaN)) })],
]

describe('answer log', () => {
  it('comes back from its wire form, whatever was answered', ({ expect }) => {
    const random = createRandom(11)
    for (let i = 0; i < 300; i++) {
      const log = randomLog(random)

      const document = JSON.parse(JSON.stringify(encodeAnswerLog(log))) as AnswerLogDocument

      expect(decodeAnswerLog(document)).toEqual(log)
      expect(encodeAnswerLog(decodeAnswerLog(document))).toEqual(document)
    }
    expect(decodeAnswerLog(encodeAnswerLog(NO_ANSWERS))).toEqual(NO_ANSWERS)
  })

  it('is read as it was written', ({ expect }) => {
    expect(decodeAnswerLog(HONEST).ports[0]).toMatchObject({ port: 'sizing', calls: 5 })
  })

  it.for(HOSTILE)('is refused with %s', ([, document], { expect }) => {
    expect(() => decodeAnswerLog(document)).toThrow(expect.objectContaining({ code: 'protocol' }))
  })
})
