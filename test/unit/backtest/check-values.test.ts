import { describe, test } from 'vitest'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { loadCsv, play, smaCrossover } from './fixtures.ts'

const series = loadCsv('crypto-spot/BTCUSDT-1d.csv.gz', 'BTCUSDT', '1d')
if (series === null) console.warn('check values left out: no test data (set HOTCELL_TEST_DATA)')

function relative(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(b)
}

describe.skipIf(series === null)('playTimeline() on real daily candles', () => {
  test('SmaCrossover(10, 30) gives the published fills and final equity', ({ expect }) => {
    const out = play({
      series: [series!],
      asks: smaCrossover(series!.close, 10, 30),
      lookback: 30,
      config: { fee: 0.0004 },
    })

    const fills = decodeRecords(out.records).filter((record) => record.kind === 'fill')
    expect(out.breach).toBe(null)
    expect(fills.length).toBe(8)
    expect(fills[0]!.price).toBe(42_708.7)
    expect(relative(fills[0]!.quantity, 0.2340507109642826)).toBeLessThan(1e-9)
    expect(relative(out.equity.at(-1)!, 11_426.0658796774)).toBeLessThan(1e-9)
  })

  test('BuyAndHold gives the published final equity', ({ expect }) => {
    const out = play({ series: [series!], asks: [{ bar: 0, signal: 'BUY' }], config: { fee: 0.0004 } })

    expect(relative(out.equity.at(-1)!, 12_711.2061995213)).toBeLessThan(1e-9)
  })
})
