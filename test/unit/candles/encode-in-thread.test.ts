import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { encodeCandleFile } from '../../../orchestrator-service/candles/arrow-file.ts'
import { encodeInThread } from '../../../orchestrator-service/candles/encode-in-thread.ts'
import { realShapedCandles } from '../../bench/candles.ts'

test.for([0, 1, 32_768, 100_000])(
  'encodeInThread() gives the bytes of encodeCandleFile() for %i rows',
  async (rows) => {
    const series = realShapedCandles('BTCUSDT', rows)

    const parts = await encodeInThread('spot', series)

    expect(Buffer.compare(Buffer.concat(parts), Buffer.concat(encodeCandleFile('spot', series)))).toBe(0)
  },
)

test('encodeInThread() lets everything else go on meanwhile', async () => {
  let turns = 0
  const seen = { done: false }
  const others = async (): Promise<void> => {
    for (; !seen.done; turns += 1) await setImmediate()
  }

  const counted = others()
  await encodeInThread('spot', realShapedCandles('BTCUSDT', 500_000))
  seen.done = true
  await counted

  expect(turns).toBeGreaterThan(100)
})

test('encodeInThread() says what encodeCandleFile() refuses', async () => {
  const series = realShapedCandles('BTCUSDT', 40_000)
  series.close[39_999] = Number.NaN

  await expect(encodeInThread('spot', series)).rejects.toThrow(/close of row 39999 is NaN/)
})
