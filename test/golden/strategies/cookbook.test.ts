import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, it } from 'vitest'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { intervalMs } from '../../../src/candles/interval.ts'
import { type CandleSeries, sliceSeries } from '../../../src/candles/series.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import { publishedBars } from '../../support/published-bars.ts'
import { bundleRealmScript, createTaskRunner, type RealmRun } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { seriesOf } from '../../support/timeline-input.ts'

/**
 * The strategies of the cookbook over real candles. `expected.json` holds what they did when they were written; it is made
 * anew with HOTCELL_UPDATE_GOLDEN=1, and a change of it is a change of what a backtest means.
 */
const FOLDER = new URL('../../../examples/strategies/', import.meta.url)
const FILES = readdirSync(FOLDER).sort()
const EXPECTED = new URL('expected.json', import.meta.url)
const expected = JSON.parse(readFileSync(EXPECTED, 'utf8')) as Record<string, Outcome | undefined>

interface Outcome {
  decisions: number
  fills: number
  finalEquity: number
}

const HOURLY = ['BTCUSDT', 'ETHUSDT']
const DAILY = ['AVAXUSDT', 'BTCUSDT', 'ETHUSDT', 'LINKUSDT', 'LTCUSDT', 'SOLUSDT', 'XRPUSDT']
const DATA: Readonly<Record<string, Pick<RunConfig, 'symbols' | 'interval'> | undefined>> = {
  'momentum-rotation.ts': { symbols: DAILY, interval: '1d' },
}

function runOf(file: string): { config: RunConfig; series: CandleSeries[] } | null {
  const { symbols, interval } = DATA[file] ?? { symbols: HOURLY, interval: '1h' as const }
  const series: CandleSeries[] = []
  for (const symbol of symbols) {
    const bars = publishedBars(`crypto-spot/${symbol}-${interval}`)
    if (bars === null) return null
    series.push(seriesOf(symbol, interval, bars))
  }
  const end = Math.max(...series.map((one) => one.time[one.rows - 1]!)) + intervalMs(interval)!
  const source = readFileSync(new URL(file, FOLDER), 'utf8')
  const costs = { fee: { builtin: 'percent', params: { maker: 0.0002, taker: 0.0004 } } }
  return { config: makeFileConfig(source, { path: file, symbols, interval, end, ...costs }), series }
}

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

function outcomeOf(config: RunConfig, run: RealmRun): Outcome {
  const { decisions, series, window, plan } = run
  const instruments = series.map(() => null)
  const symbols = [...plan.symbols]
  const output = playTimeline({
    config: { ...config, symbols },
    series,
    window,
    lookback: plan.lookback,
    instruments,
    decisions,
  })
  const fills = decodeRecords(output.records).filter(({ kind }) => kind === 'fill').length
  return { decisions: decisions.rows, fills, finalEquity: output.equity.at(-1)! }
}

describe('the cookbook', () => {
  it('has eleven strategies, and what each does is known', ({ expect }) => {
    expect(FILES.length).toBe(11)
    expect(Object.keys(expected).sort()).toEqual(FILES)
  })

  for (const file of FILES) {
    it(`trades as it did: ${file}`, async ({ expect }) => {
      const run = runOf(file)
      if (run === null) return
      const { config, series } = run
      const runner = createTaskRunner(script)

      const whole = await runner.run(makeHeader(config), ...series)
      const outcome = outcomeOf(config, whole)
      if (process.env['HOTCELL_UPDATE_GOLDEN'] === '1') {
        expected[file] = outcome
        writeFileSync(EXPECTED, `${JSON.stringify(expected, null, 2)}\n`)
      }

      expect(outcome).toEqual(expected[file])
      expect(outcome.fills).toBeGreaterThan(9)
      const { start } = whole.window
      const cut = series.map((one) => sliceSeries(one, 0, Math.floor(one.rows * 0.7)))
      const part = await runner.run(makeHeader({ ...config, start }), ...cut)
      expect(part.rows.length).toBeGreaterThan(5)
      expect(part.rows.filter(({ unit }) => unit === 0)).toEqual(
        whole.rows.filter(({ unit }) => unit === 0).slice(0, part.rows.filter(({ unit }) => unit === 0).length),
      )
    })
  }
})
