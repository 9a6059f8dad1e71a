import * as fc from 'fast-check'
import { describe, test } from 'vitest'
import { detectDelimiter, splitFields } from '../../../orchestrator-service/candles/csv-fields.ts'
import { parseColumnMap, recogniseHeader } from '../../../orchestrator-service/candles/csv-header.ts'

describe('splitFields()', () => {
  test.for<[string, string[] | null]>([
    ['a,b,,d', ['a', 'b', '', 'd']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",c', ['say "hi"', 'c']],
    ['a,""', ['a', '']],
    ['"a', null],
    ['"a"b,c', null],
    ['a"b,c', null],
  ])('%j', ([line, expected], { expect }) => {
    expect(splitFields(line, ',')).toEqual(expected)
  })

  test('gives back what was quoted, whatever it was', ({ expect }) => {
    const field = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text))
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 8 }), (fields) => {
        const line = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(';')

        expect(splitFields(line, ';')).toEqual(fields)
      }),
    )
  })

  test('the delimiter is the one that cuts most', ({ expect }) => {
    expect(detectDelimiter('a,b,c,d,e,f')).toBe(',')
    expect(detectDelimiter('a;b;c;d;e;1,5')).toBe(';')
    expect(detectDelimiter('a\tb\tc\td\te')).toBe('\t')
    expect(detectDelimiter('just a line of text')).toBeNull()
  })
})

describe('recogniseHeader()', () => {
  const none = new Map<never, string>()

  test.for<[string, string, number[]]>([
    ['open_time,open,high,low,close,volume', 'hotcell', [0, 1, 2, 3, 4, 5]],
    [
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
      'binance',
      [0, 1, 2, 3, 4, 5],
    ],
    [
      'Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,Number of trades,a,b,Ignore',
      'binance',
      [0, 1, 2, 3, 4, 5],
    ],
    ['1706659200000,1,2,0.5,1.5,10,1706662799999,15,3,5,7.5,0', 'binance', [0, 1, 2, 3, 4, 5]],
    ['Date,Open,High,Low,Close,Adj Close,Volume', 'yahoo', [0, 1, 2, 3, 4, 6]],
    ['time,open,high,low,close,Volume,MA', 'tradingview', [0, 1, 2, 3, 4, 5]],
    ['time,open,high,low,close', 'tradingview', [0, 1, 2, 3, 4, -1]],
    ['time,low,high,open,close,volume', 'coinbase', [0, 3, 2, 1, 4, 5]],
    ['start,low,high,open,close,volume', 'coinbase', [0, 3, 2, 1, 4, 5]],
    ['unix,date,symbol,open,high,low,close,volume', 'generic', [0, 3, 4, 5, 6, 7]],
  ])('%s is %s', ([line, source, places], { expect }) => {
    const header = recogniseHeader(line.split(','), none)

    expect(header.source).toBe(source)
    expect(Object.values(header.places)).toEqual(places)
    expect(header.hasHeader).toBe(!/^\d/.test(line))
  })

  test('--map names columns, or numbers them', ({ expect }) => {
    const map = parseColumnMap('open_time=When,close=Last,volume=7')
    const header = recogniseHeader(['When', 'Open', 'High', 'Low', 'Close', 'Last', 'Qty'], map)

    expect(header.places).toEqual({ time: 0, open: 1, high: 2, low: 3, close: 5, volume: 6 })
    expect(header.ignored).toEqual(['Close'])
    expect(header.source).toBe('mapped')
  })

  test.for(['close', 'close=', 'shut=Close', 'close=a,close=b', '=x'])(
    '--map %s is a usage error',
    (text, { expect }) => {
      expect(() => parseColumnMap(text)).toThrow(expect.objectContaining({ code: 'usage' }))
    },
  )

  test('a missing, doubled or wrongly mapped column is refused by name', ({ expect }) => {
    expect(() => recogniseHeader(['time', 'open', 'high', 'close', 'volume'], none)).toThrow(/no column for low/)
    expect(() => recogniseHeader(['time', 'open', 'high', 'low', 'close', 'close'], none)).toThrow(/two columns/)
    expect(() => recogniseHeader(['time', 'open', 'high', 'low', 'close'], parseColumnMap('volume=Vol2'))).toThrow(
      /"Vol2"/,
    )
  })
})
