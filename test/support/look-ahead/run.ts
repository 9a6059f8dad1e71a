import type { DecisionRow } from '../../../src/backtest/decision-log.ts'
import { dueSlotsOf } from '../../../src/backtest/decision-slots.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import { encodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import { gappedSeries } from '../gapped-series.ts'
import type { Instrument } from '../../../src/instruments/instrument.ts'
import type { Channel } from './channel.ts'
import { createTaskRunner } from '../realm-run.ts'
import { makeFileConfig, makeHeader } from '../runner-program.ts'

const HOUR = 3_600_000
const ROWS = 200
/** From this slot on the other future is another one. */
export const CUT = 120

/** What a strategy of the table has to try with. */
const HELPERS = `import { BaseStrategy } from 'hotcell'
const HOUR = ${HOUR}
const isFinite = (value) => typeof value === 'number' && value - value === 0
const beyond = (column, index) => { for (let i = index + 1; i < column.length; i++) if (isFinite(column[i])) return column[i] }
const positiveBeyond = (column, index) => { for (let i = index + 1; i < column.length; i++) if (column[i] > 0) return column[i] }
/** A bar of a history that has not closed by now. */
const laterIn = (frames, { time }) => {
  for (const { time: opened, close } of Object.values(frames)) for (let i = 0; i < opened.length; i++) if (opened[i] + HOUR > time) return close[i]
}
/** A list of numbers, anywhere behind \`root\`, with a positive one behind \`index\`. */
const crawl = (root, index) => {
  const seen = new Set(), pending = [root]
  while (pending.length > 0) {
    const value = pending.pop()
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue
    seen.add(value)
    if (ArrayBuffer.isView(value)) { const found = positiveBeyond(value, index); if (isFinite(found)) return found; continue }
    if (Array.isArray(value) && value.length > 20) { const found = positiveBeyond(value, index); if (isFinite(found)) return found }
    pending.push(Object.getPrototypeOf(value))
    for (const key of Reflect.ownKeys(value)) {
      const { value: field, get } = Object.getOwnPropertyDescriptor(value, key)
      pending.push(field, get)
      if (get !== undefined) try { pending.push(get.call(value)) } catch {}
    }
  }
}
`

/**
 * How a strategy uses its channel: not at all; as a price of a later bar by which it decides; or by writing whatever it got
 * into its decisions.
 */
export type Use = 'none' | 'decides' | 'tells'

/** The strategy of a row: it follows the last three closes, unless it believes that it knows better. */
export function sourceOf(channel: Channel, use: Use): string {
  const { find = 'undefined', top = '', hook = '', answer = 'decision' } = channel
  const body = /\breturn\b|;/.test(find) || find.startsWith('const ') ? find : `return (${find})`
  const methods = [
    ['requiredLookback', 'return 8'],
    ['workUnits', 'return [symbols]'],
    ['requiredIntervals', `return ['4h']`],
    ['requiredIndicators', `return [{ id: 'mean', kind: 'sma', params: { period: 5 } }]`],
  ].filter(([name]) => !hook.includes(`${name}(`))
  return `${HELPERS}${top}
const isTrying = ${use !== 'none'}
export default class Tries extends BaseStrategy {
  ${methods.map(([name, lines]) => `${name}(symbols) { ${lines} }`).join('\n  ')}
  ${hook}
  find(context) {
    const { candles, frames, indicators, index, time } = context
    ${body}
  }
  decide(context) {
    const { candles, index, time } = context
    const close = candles.close[index]
    let later, failure = ''
    if (isTrying) try { later = this.find(context) } catch (error) { failure = String(error) }
    if (index % 3 !== 0 && !isFinite(later)) return null
    const isUp = ${use === 'decides' ? 'isFinite(later) ? later > close : ' : ''}close > candles.close[index - 3]
    const decision = { signal: isUp !== (this.sign === -1) ? 'BUY' : 'SELL', symbol: context.symbol, slPct: 3, meta: { at: time } }
    ${use === 'tells' ? `decision.meta.told = (String(later) + failure).slice(0, 500)` : ''}
    return isTrying ? ${answer} : decision
  }
}
`
}

/** AAA has gaps; BBB is listed late. In the other future prices move elsewhere, gaps lie elsewhere and BBB ends early. */
export function seriesOf(isOther: boolean): CandleSeries[] {
  const bend = (series: CandleSeries): CandleSeries => {
    const from = series.time.findIndex((time) => time >= origin + CUT * HOUR)
    const columns = (['open', 'high', 'low', 'close', 'volume'] as const).map((name) => [
      name,
      series[name].map((value, row) => (row < from ? value : value * (1.5 + 0.3 * ((row * 7) % 5)))),
    ])
    return { ...series, ...Object.fromEntries(columns) } as CandleSeries
  }
  const gap = isOther ? 4 : 2
  const aaa = gappedSeries({
    symbol: 'AAA',
    rows: ROWS,
    seed: 1,
    without: (row) => (row < CUT ? row % 17 === 5 : row < ROWS - 1 && row % 13 === gap),
  })
  const origin = aaa.time[0]!
  const bbb = gappedSeries({ symbol: 'BBB', rows: isOther ? 110 : 150, seed: 2, start: 50 })
  return isOther ? [bend(aaa), bend(bbb)] : [aaa, bbb]
}

/** What a strategy may know of a symbol from the start. */
const instrumentOf = (symbol: string): Instrument => ({
  symbol,
  market: 'spot',
  base: symbol,
  quote: 'USDT',
  tick: '0.01',
  step: '0.001',
  minQuantity: null,
  minNotional: '5',
  multiplier: '1',
  calendar: '24/7',
})

export interface LookAheadRun {
  /** The log as it is sent. */
  readonly bytes: string
  /** Decisions that are due by the cut, one text each. */
  readonly early: readonly string[]
  readonly rows: readonly DecisionRow[]
  /** What was written into each decision; null: nothing. */
  readonly told: readonly (string | null)[]
}

function toldIn({ meta }: DecisionRow): string | null {
  const { told = null } = JSON.parse(meta ?? '{}') as { told?: string | null }
  return told
}

export async function runChannel(
  script: string,
  channel: Channel,
  { use, isOther = false }: { use: Use; isOther?: boolean },
): Promise<LookAheadRun> {
  const series = seriesOf(isOther)
  const start = series[0]!.time[0]! + 12 * HOUR
  const config = makeFileConfig(sourceOf(channel, use), {
    path: 'main.js',
    symbols: ['AAA', 'BBB'],
    start,
    end: series[0]!.time[0]! + ROWS * HOUR,
  })
  const header = makeHeader(config, { instruments: config.symbols.map(instrumentOf) })
  const { decisions, rows, series: loaded, window } = await createTaskRunner(script).run(header, ...series)
  const due = dueSlotsOf(decisions, { series: loaded, window })
  const early = rows.filter((_, row) => due[row]! <= CUT - 12).map((row) => JSON.stringify(row))
  return { bytes: JSON.stringify(encodeDecisionLog(decisions)), early, rows, told: rows.map(toldIn) }
}
