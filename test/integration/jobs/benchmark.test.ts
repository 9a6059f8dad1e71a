import { describe, it } from 'vitest'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { openTestApp, SUBMISSIONS, waitForEnd, writeTestCandles } from '../../support/service.ts'
import { realShapedCandles } from '../../bench/candles.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const OWN = { benchmark: { symbol: 'OTHER', interval: '1m' } }

/** Each second bar at twice the price: another series, with gaps. */
function otherCandles(): CandleSeries {
  const { time, open, high, low, close, volume, ...rest } = realShapedCandles('OTHER', 1000)
  const half = (column: Float64Array, factor = 1) => column.filter((_, row) => row % 2 === 0).map((x) => x * factor)
  return {
    ...rest,
    rows: 500,
    time: half(time),
    open: half(open, 2),
    high: half(high, 2),
    low: half(low, 2),
    close: half(close, 2),
    volume: half(volume),
  }
}

describe('a run with a benchmark of its own', () => {
  it('is compared with that symbol, which is part of its fingerprint', { timeout: 120_000 }, async ({ expect }) => {
    using dir = temporaryDirectory()
    await using app = await openTestApp(dir.path)
    await writeTestCandles(app)
    const other = otherCandles()
    await app.archive.write('spot', other)
    await app.start()

    const { job: plain } = await app.jobs.submit({ owner: 'me', raw: SUBMISSIONS.valid(), idempotency: null })
    const { job: own } = await app.jobs.submit({ owner: 'me', raw: SUBMISSIONS.valid(OWN), idempotency: null })
    for (const { id } of [plain, own]) await waitForEnd(app, id)
    const held = await app.runs.load(plain.id)
    const result = await app.runs.load(own.id)

    expect(result.outcome.kind).toBe('ok')
    expect(held.benchmark).toMatchObject({ kind: 'buy_and_hold', symbols: ['COIN'] })
    expect(result.benchmark).toMatchObject({ kind: 'symbol', symbols: ['OTHER'], interval: '1m' })
    const { initialCash } = result.summary!
    // The window begins after the 30 bars that the strategy looks back over: row 15 of every second bar
    expect(result.window).toMatchObject({ start: other.time[15]!, lookback: 30 })
    expect(result.benchmark!.finalEquity).toBe((initialCash / other.open[15]!) * other.close.at(-1)!)
    expect(result.summary!.finalEquity).toBe(held.summary!.finalEquity)
    expect(result.fingerprint).not.toBe(held.fingerprint)
  })
})
