/**
 * Technique: detaches the memory of its own columns with ArrayBuffer.prototype.transfer.
 * Expected: ok.
 * Stopped by: the engine reads columns that the strategy never sees. Behind it: the host computes the result again.
 * Single layer: the columns of a strategy are copies by construction; no switch hands out the engine's own.
 */
import assert from 'node:assert/strict'
import { type CellAttack, hostileTwin } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '54-detached-columns',
  where: 'realm',
  family: 'integrity',
  technique: 'detaches the memory of its own columns with ArrayBuffer.prototype.transfer',
  stoppedBy: 'the engine reads columns that the strategy never sees',
  behind: 'the host computes the result again',
  expect: { kind: 'ok', reason: null },
  source: hostileTwin(String.raw`
      attempt('transfer', () => context.candles.volume.buffer.transfer(0).byteLength)
      attempt('resize', () => context.candles.high.buffer.resize(0))
`),
  check: ({ decisions, outcomeHash, twin }) => {
    assert.deepEqual(decisions, twin.decisions)
    assert.equal(outcomeHash, twin.outcomeHash)
  },
  singleLayer: "the columns of a strategy are copies by construction; no switch hands out the engine's own",
}
