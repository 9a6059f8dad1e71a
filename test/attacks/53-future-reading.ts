/**
 * Technique: looks for later bars in the columns, their buffers, frames and views. The columns are overwritten afterwards.
 * Expected: ok.
 * Stopped by: later bars are NaN: they have not been written yet. Behind it: the engine reads columns that the strategy never sees; writing changes only its own view.
 * Single layer: what is shown is decided in one place; hindsight that is consistent with its decisions passes the replay, and is refuted by `options.proof` only.
 */
import assert from 'node:assert/strict'
import { type CellAttack, hostileTwin } from '../support/attack.ts'

export const attack: CellAttack = {
  name: '53-future-reading',
  where: 'realm',
  family: 'integrity',
  technique: 'looks for later bars in the columns, their buffers, frames and views',
  stoppedBy: 'later bars are NaN: they have not been written yet',
  behind: 'the engine reads columns that the strategy never sees; writing changes only its own view',
  expect: { kind: 'ok', reason: null },
  source: hostileTwin(String.raw`
      const { candles, index } = context
      let future = 0
      let past = 0
      const look = (column) => {
        for (let i = 0; i < column.length; i++) if (column[i] === column[i]) { if (i > index) future++; else past++ }
      }
      for (const columns of [candles, context.frames[context.symbol]])
        for (const name of ['time', 'open', 'high', 'low', 'close', 'volume']) {
          const column = columns[name]
          look(column)
          const whole = new Float64Array(column.buffer)
          if (whole.length !== column.length || column.byteOffset !== 0) future += 1e6
          look(whole)
          look(new column.constructor(column.buffer, 0))
          look(column.subarray(0))
        }
      found.future = future
      found.past = past
      found.unit = context.symbols.length
      found.others = Object.getOwnPropertyNames(context.frames).join()
      for (const name of ['time', 'open', 'high', 'low', 'close', 'volume']) candles[name].fill(1e9)
      attempt('replace column', () => { candles.close = new Float64Array(1); return 1 })
      attempt('detach', () => structuredClone(candles.close.buffer, { transfer: [candles.close.buffer] }))
      attempt('rewind', () => { context.index = 0; context.time = 0; return 'no matter' })
      attempt('new field', () => { context.future = 1; return 1 })
      attempt('higher', () => context.higher('1d'))
      attempt('indicators', () => context.indicators.x)
`),
  check: ({ report, decisions, outcomeHash, twin }) => {
    assert.equal(report['future'], 0)
    assert.ok(Number(report['past']) >= 6 * 41)
    assert.equal(report['unit'], 1)
    for (const name of ['replace column', 'detach', 'new field', 'higher']) assert.equal(report[name], 'blocked')
    assert.deepEqual(decisions, twin.decisions)
    assert.equal(outcomeHash, twin.outcomeHash)
  },
  singleLayer:
    'what is shown is decided in one place; hindsight that is consistent with its decisions passes the replay, and is refuted by `options.proof` only',
}
