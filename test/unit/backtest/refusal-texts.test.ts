import { describe, test } from 'vitest'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { recordUserCode, replayUserCode, type PlainData, type UserCode } from '../../../src/backtest/user-port.ts'
import { inputOf, seriesOf } from './fixtures.ts'

const FLAT = seriesOf(
  'AAA',
  Array.from({ length: 6 }, () => [10, 10, 10, 10] as const),
)
const BUYS = [0, 1].map((bar) => ({ bar, signal: 'BUY', size: 1 }) as const)

function run(port: 'capacity' | 'risk', answer: (call: number) => PlainData, retryBars = 0) {
  const base = inputOf({ series: [FLAT], asks: BUYS, config: { execution: { retryBars, onSame: 'add' } } })
  const input = { ...base, config: { ...base.config, [port]: { module: 'main.js', class: 'default', params: {} } } }
  let calls = 0
  const user = recordUserCode({
    createHasher: createSha256,
    answer: () => answer(calls++),
    at: () => {},
    onFull: () => {
      throw new Error('too many')
    },
  })
  const play = (by: UserCode) => {
    const texts: [string, string][] = []
    const heard: [number, string][] = []
    const { records } = playTimeline({ ...input, user: by, onRefusalText: (...one) => void heard.push(one) })
    const decoded = decodeRecords(records)
    for (const [index, text] of heard) texts.push([`${decoded[index]!.kind} ${decoded[index]!.decision}`, text])
    return { records, texts, refused: decoded.filter(({ kind }) => kind === 'refuse').length }
  }
  const played = play(user)
  const log = user.finish()
  return { ...played, calls, replayed: play(replayUserCode(log, createSha256)) }
}

const refuse = (reason: string) => ({ admit: false, reason })

describe('words of a policy of the user', () => {
  for (const port of ['capacity', 'risk'] as const) {
    test(`of ${port} are told with the record of their refusal, and again at the replay`, ({ expect }) => {
      const { texts, replayed } = run(port, (call) => refuse(`no ${call}`))

      expect(texts).toEqual([
        ['refuse 1', 'no 0'],
        ['refuse 2', 'no 1'],
      ])
      expect(replayed.texts).toEqual(texts)
    })

    test(`of ${port} are told of the last try alone`, ({ expect }) => {
      const { texts, calls, refused } = run(port, (call) => refuse(`no ${call}`), 2)

      expect([calls, refused]).toEqual([6, 2])
      expect(texts).toEqual([
        ['refuse 1', 'no 3'],
        ['refuse 2', 'no 5'],
      ])
    })

    test(`of ${port} change no record`, ({ expect }) => {
      const { records } = run(port, () => refuse('one'))

      expect(run(port, () => refuse('another')).records).toEqual(records)
    })

    test(`of ${port} are none where it says nothing, or admits`, ({ expect }) => {
      const { texts, refused } = run(port, (call) => call > 0 || refuse(''))

      expect([texts, refused]).toEqual([[], 1])
    })
  }
})
