import { Type } from 'typebox'
import { INTERVALS } from '../../../src/candles/interval.ts'
import { CANDLE_COLUMNS, type CandleSeries, sliceSeries } from '../../../src/candles/series.ts'
import { isSymbol, MARKETS } from '../../../src/candles/symbol.ts'
import { PlatformError } from '../../../src/errors.ts'
import { oneOf } from '../../../src/protocol/one-of.ts'
import { encodeInThread } from '../../candles/encode-in-thread.ts'
import type { ApiServer } from '../context.ts'
import { sendStream } from '../follow/send-stream.ts'
import { invalidRequest } from '../problem.ts'
import { answers, answersIn, keyProblems, NO_QUERY } from '../schemas/responses.ts'
import { ARROW_TYPE, CSV_TYPE, rowSchema } from '../schemas/tables.ts'
import { csvChunks, jsonChunks } from '../tables/table.ts'
import { instant, readInstant } from './instant.ts'
import { attach, TableFormat } from './results.ts'

const CandleParams = Type.Object({
  symbol: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$', examples: ['BTCUSDT'] }),
  interval: oneOf(INTERVALS),
})
const CandleQuery = Type.Object(
  {
    market: Type.Optional(oneOf(MARKETS)),
    from: instant('Bars that open at or after'),
    to: instant('Bars that open before'),
    format: TableFormat,
  },
  { additionalProperties: false },
)
const number = (description: string) => ({ kind: 'number', description }) as const
const CANDLE_ROW = rowSchema({
  time: number('Open of the bar, ms UTC'),
  open: number('Quote currency'),
  high: number('Quote currency'),
  low: number('Quote currency'),
  close: number('Quote currency'),
  volume: number('Base currency'),
})

/** The data that backtests run on. */
export function addDataRoutes(api: ApiServer): void {
  addCandleList(api)
  addCandles(api)
  addInstruments(api)
}

function addCandleList({ app, server }: ApiServer): void {
  server.get(
    '/v1/candles',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listCandles',
        summary: 'What candles there are',
        tags: ['data'],
        querystring: NO_QUERY,
        response: {
          200: answers('CandleListing', 'Every series, with the mark prices and funding rows of perpetuals'),
          ...keyProblems(),
        },
      },
    },
    async (_request, reply) => {
      const [series, marks, funding] = [await app.archive.list(), await app.marks.list(), await app.funding.list()]
      return await reply.send({ series, marks, funding })
    },
  )
}

function addCandles({ app, server, downloads }: ApiServer): void {
  server.get(
    '/v1/candles/:symbol/:interval',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getCandles',
        summary: 'Candles of a series',
        tags: ['data'],
        params: CandleParams,
        querystring: CandleQuery,
        response: {
          200: answersIn('Bars, oldest first', {
            'application/json': Type.Array(CANDLE_ROW),
            [CSV_TYPE]: Type.String(),
            [ARROW_TYPE]: Type.String({ format: 'binary' }),
          }),
          ...keyProblems(404, 429),
        },
      },
    },
    async (request, reply) => {
      const { symbol, interval } = request.params
      const { market = 'spot', format = 'json', from, to } = request.query
      if (!isSymbol(symbol)) throw invalidRequest('/path/symbol', 'is not a symbol name')
      const range = { from: readInstant(from, 'from'), to: readInstant(to, 'to') }
      return await sendStream(reply, downloads, async () => {
        const whole = await app.archive.load(market, symbol, interval)
        if (whole === null) {
          const name = `${market} ${symbol} ${interval}`
          throw new PlatformError('data_unavailable', `Cannot show candles "${name}": there are none`)
        }
        const series = cut(whole, range)
        if (format === 'arrow') {
          attach(reply.type(ARROW_TYPE), `${symbol}-${interval}.arrow`)
          return await encodeInThread(market, series)
        }
        if (format === 'csv') attach(reply.type(CSV_TYPE), `${symbol}-${interval}.csv`)
        else reply.type('application/json')
        return format === 'csv' ? csvChunks(rowsOf(series)) : jsonChunks(rowsOf(series))
      })
    },
  )
}

function rowsOf(series: CandleSeries) {
  return { rows: series.rows, columns: Object.fromEntries(CANDLE_COLUMNS.map((name) => [name, series[name]])) }
}

function cut(series: CandleSeries, { from, to }: { from: number | null; to: number | null }): CandleSeries {
  const first = from === null ? 0 : firstAtOrAfter(series.time, from)
  const end = to === null ? series.rows : firstAtOrAfter(series.time, to)
  return sliceSeries(series, first, Math.max(first, end))
}

function firstAtOrAfter(times: Float64Array, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}

function addInstruments({ app, server }: ApiServer): void {
  server.get(
    '/v1/instruments',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listInstruments',
        summary: 'Instrument data as imported',
        description: 'Without any, every symbol trades round the clock without steps; version and list are then empty.',
        tags: ['data'],
        querystring: NO_QUERY,
        response: { 200: answers('Instruments', 'Every instrument'), ...keyProblems() },
      },
    },
    async (_request, reply) => await reply.send((await app.instruments.load()) ?? { version: 'none', instruments: [] }),
  )
}
