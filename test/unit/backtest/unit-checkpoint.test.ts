import fc from 'fast-check'
import { describe, test } from 'vitest'
import { decodeDecisionLog, packDecisions, unpackDecisions } from '../../../src/backtest/decision-codec.ts'
import type { DecisionRow } from '../../../src/backtest/decision-log.ts'
import { encodeUnitCheckpoint, readUnitCheckpoint } from '../../../src/backtest/unit-checkpoint.ts'
import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import type { DecisionLogDocument } from '../../../src/protocol/runner-result.ts'
import { createCheckpointChain } from '../../../src/verification/checkpoint-chain.ts'

const ROWS: DecisionRow[] = [
  { unit: 3, bar: 7, symbol: 1, sequence: 0, signal: 'BUY', slPct: 2, meta: '{"why":"é\u0000\ud800"}' },
  { unit: 3, bar: 9, symbol: 2, sequence: 1, signal: 'SELL', intent: 'close', strategyName: 'x' },
]
const UNIT = { unit: 3, symbols: ['AAA', 'BBB'] }

function rowsOf(block: Uint8Array): DecisionRow[] {
  return unpackDecisions(decodeDecisionLog(readUnitCheckpoint(block).document as DecisionLogDocument))
}

describe('a checkpoint', () => {
  test('gives back the unit, its symbols and every row', ({ expect }) => {
    const block = encodeUnitCheckpoint(UNIT, packDecisions(ROWS))

    expect(readUnitCheckpoint(block)).toMatchObject(UNIT)
    expect(rowsOf(block)).toEqual([{ ...ROWS[0], meta: '{"why":"é\u0000\ud800"}' }, ROWS[1]])
    expect(rowsOf(encodeUnitCheckpoint(UNIT, packDecisions([])))).toEqual([])
  })

  test('is refused as a whole wherever it is cut off or goes on', ({ expect }) => {
    const block = encodeUnitCheckpoint(UNIT, packDecisions(ROWS))

    for (let length = 0; length < block.length; length += 1)
      expect(() => readUnitCheckpoint(block.subarray(0, length)), String(length)).toThrow('Cannot read checkpoint')
    expect(() => readUnitCheckpoint(Buffer.concat([block, Buffer.of(0)]))).toThrow('1 bytes follow its columns')
  })

  test('is refused or read, and nothing else, whatever its bytes are', ({ expect }) => {
    const whole = encodeUnitCheckpoint(UNIT, packDecisions(ROWS))
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const block = whole.slice()
        block[at] = byte
        let message = ''
        try {
          readUnitCheckpoint(block)
        } catch (error) {
          message = (error as Error).message
        }

        expect(message === '' || message.startsWith('Cannot read checkpoint: ')).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the chain of checkpoints', () => {
  const links = (blocks: readonly string[]): string[] => {
    const chain = createCheckpointChain(createSha256)
    return blocks.map((block) => chain.add(Buffer.from(block)))
  }

  test('is another one when a checkpoint is changed, left out or exchanged', ({ expect }) => {
    const last = (blocks: readonly string[]) => links(blocks).at(-1)

    expect(new Set([last(['a', 'b', 'c']), last(['a', 'b', 'd']), last(['a', 'c']), last(['b', 'a', 'c'])]).size).toBe(
      4,
    )
  })

  test('goes on from a link as if it had never stopped', ({ expect }) => {
    const [, second, third] = links(['a', 'b', 'c'])

    expect(createCheckpointChain(createSha256, second).add(Buffer.from('c'))).toBe(third)
  })
})
