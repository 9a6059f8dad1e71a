import { beforeAll, describe, it } from 'vitest'
import { encodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import type { CandleSeries } from '../../../src/candles/series.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import { gappedSeries } from '../../support/gapped-series.ts'
import { bundleRealmScript, createTaskRunner, type RealmRun } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const HOUR = 3_600_000
/** AAA has gaps, BBB none, CCC is listed later and ends earlier. */
const SERIES = [
  gappedSeries({ symbol: 'AAA', rows: 200, seed: 1, without: (row) => row % 11 === 4 || (row > 90 && row < 97) }),
  gappedSeries({ symbol: 'BBB', rows: 200, seed: 2 }),
  gappedSeries({ symbol: 'CCC', rows: 100, seed: 3, start: 60, without: (row) => row % 13 === 5 }),
] as const
const SYMBOLS = ['AAA', 'BBB', 'CCC']
const ORIGIN = SERIES[1].time[0]!
const WINDOW = { start: ORIGIN + 20 * HOUR, end: ORIGIN + 190 * HOUR }

const strategyOf = (body: string, members = ''): string => `import { BaseStrategy } from 'hotcell'
const show = (value) => console.log(JSON.stringify(value))
export default class S extends BaseStrategy {
  requiredLookback() { return 8 }
  workUnits(symbols) { return [symbols] }
  ${members}
  decide(context) { const { index, time, symbols, frames, candles } = context; ${body}; return null }
}`

async function run(
  source: string,
  options: { config?: Partial<RunConfig>; series?: readonly CandleSeries[] } = {},
): Promise<RealmRun> {
  const { config = {}, series = SERIES } = options
  const header = makeHeader(
    makeFileConfig(source, {
      path: 'main.js',
      symbols: SYMBOLS,
      capacity: { builtin: 'unlimited', params: {} },
      ...WINDOW,
      ...config,
    }),
  )
  return createTaskRunner(script).run(header, ...series)
}

async function shown(source: string, config: Partial<RunConfig> = {}): Promise<unknown[]> {
  const { logs } = await run(source, { config })
  return logs.map(({ text }) => JSON.parse(text) as unknown)
}

/** What P1 says of each instant, found by looking through the whole lists. */
function expectedCalls(lookback: number): unknown[] {
  const calls: unknown[] = []
  const loaded = SERIES.map((one) => {
    const first = one.time.findIndex((time) => time >= WINDOW.start)
    const from = Math.max(0, first - lookback)
    const rows = [...one.time.subarray(from)].filter((time) => time + HOUR <= WINDOW.end).length
    return { one, from, rows, firstInWindow: first - from }
  })
  for (let now = WINDOW.start + HOUR; now <= WINDOW.end; now += HOUR) {
    const states = loaded.map(({ one, from, rows, firstInWindow }) => {
      let index = -1
      while (index + 1 < rows && one.time[from + index + 1]! + HOUR <= now) index++
      const isReady = index >= lookback && index >= firstInWindow
      const fresh = isReady && one.time[from + index]! + HOUR === now
      return { index, fresh, close: isReady ? one.close[from + index]! : null, isReady }
    })
    if (!states.some(({ fresh }) => fresh)) continue
    calls.push([now, states[0]!.index, ...states.map(({ index, fresh, close }) => [index, fresh, close])])
  }
  return calls
}

describe('a unit of several symbols', () => {
  it('is asked once per instant at which a ready symbol closes a bar, and sees each as of that instant', async ({
    expect,
  }) => {
    const calls = await shown(
      strategyOf(
        `show([time, index, ...symbols.map((s) => [frames[s].index, frames[s].fresh, frames[s].close[frames[s].index] ?? null])])`,
      ),
    )

    expect(calls).toEqual(expectedCalls(8))
    expect(calls.length).toBeGreaterThan(150)
  })

  it('sees nothing after the last closed bar of any symbol, and nothing at all of one that is not ready', async ({
    expect,
  }) => {
    const body = `for (const s of symbols) for (const name of ['time', 'open', 'high', 'low', 'close', 'volume']) {
        const { index: last, [name]: column } = frames[s]
        if (column.length !== ${8 + 170}) show(['length', s, name, column.length])
        for (let i = 0; i < column.length; i++) if ((column[i] === column[i]) !== (i <= last && frames[s].time[last] === frames[s].time[last])) show([s, name, last, i])
      }
      if (candles.close !== frames.AAA.close) show('other')`

    expect(await shown(strategyOf(body))).toEqual([])
  })

  it('decides at an instant what it would decide if the data ended there', async ({ expect }) => {
    const source = strategyOf(`
      let sum = 0
      for (const s of symbols) for (const column of [frames[s].close, frames[s].high, frames[s].volume, frames[s].time])
        for (let i = 0; i < column.length; i++) if (column[i] === column[i]) sum = (sum * 31 + column[i]) % 1e9
      const target = symbols[Math.floor(sum) % 3]
      if (frames[target].index >= 8 && frames[target].close[frames[target].index] > 0)
        return { signal: Math.floor(sum / 7) % 2 === 0 ? 'BUY' : 'SELL', symbol: target, confidence: (sum % 100) / 100 }`)
    const whole = await run(source)
    const window = { start: WINDOW.start, end: WINDOW.end }

    for (const cut of [40, 77, 95, 120, 165]) {
      const now = ORIGIN + cut * HOUR
      const series = SERIES.map((one) => {
        const rows = [...one.time].filter((time) => time + HOUR <= now).length
        const part = (name: 'time' | 'open' | 'high' | 'low' | 'close' | 'volume') => one[name].slice(0, rows)
        const columns = ['time', 'open', 'high', 'low', 'close', 'volume'] as const
        return { ...one, rows, ...Object.fromEntries(columns.map((name) => [name, part(name)])) }
      })
      const { rows } = await run(source, { series, config: window })

      expect(rows.length).toBeGreaterThan(10)
      expect(rows).toEqual(whole.rows.slice(0, rows.length))
    }
  })

  it('may decide for any of its symbols; one that closes no bar now waits for its next one', async ({ expect }) => {
    const source = strategyOf(
      `if (time === ${ORIGIN + 94 * HOUR}) return [{ signal: 'BUY' }, { signal: 'BUY', symbol: 'CCC' }, { signal: 'BUY', symbol: 'BBB' }]`,
    )
    const { rows, decisions, series, window, plan } = await run(source)

    // The last bar of AAA before its gap opened at 90; the next one opens at 97
    expect(rows.map(({ symbol, sequence, late }) => [symbol, sequence, late])).toEqual([
      [0, 0, 3],
      [2, 1, undefined],
      [1, 2, undefined],
    ])
    const config = makeFileConfig('', {
      symbols: SYMBOLS,
      capacity: { builtin: 'unlimited', params: {} },
      sizing: { builtin: 'fixedQuantity', params: { quantity: 1 } },
    })
    const input = { config, series, window, lookback: plan.lookback, instruments: [null, null, null] }
    const fills = decodeRecords(playTimeline({ ...input, decisions }).records).filter(({ kind }) => kind === 'fill')
    expect(fills.map(({ symbol, time }) => [symbol, (time - ORIGIN) / HOUR])).toEqual([
      [1, 94],
      [2, 94],
      [0, 97],
    ])
    const lie = { ...decisions, numbers: new Map([['late', Float64Array.of(7, Number.NaN, Number.NaN)] as const]) }
    expect(() => playTimeline({ ...input, decisions: lie })).toThrow(
      'late 7, expected no bar of the symbol closed since',
    )
    const encoded = encodeDecisionLog(decisions)
    expect(encoded.fields.map(({ name }) => name)).toEqual(['late'])
  })

  it('is not asked by a symbol that is not ready, nor may it decide for one', async ({ expect }) => {
    const early = run(strategyOf(`return { signal: 'BUY', symbol: 'CCC' }`))
    await expect(early).rejects.toThrow('decide() returned a decision whose symbol is CCC, which is not ready')

    const other = run(strategyOf(`return { signal: 'BUY', symbol: 'DDD' }`))
    await expect(other).rejects.toThrow('whose symbol is "DDD", expected one of the run')
    const late = run(strategyOf(`return { signal: 'BUY', late: 1 }`))
    await expect(late).rejects.toThrow('unknown field "late"')
  })

  it('stands beside others; each has its own instance and its own stream of random numbers', async ({ expect }) => {
    const source = strategyOf(
      `this.n = (this.n ?? 0) + 1; if (this.n === 30) show([symbols, context.random()])`,
    ).replace('return [symbols]', `return [['CCC', 'AAA'], ['BBB']]`)
    const [first, second] = (await shown(source)) as [[string[], number], [string[], number]]

    expect([first[0], second[0]]).toEqual([['BBB'], ['CCC', 'AAA']])
    expect(first[1]).not.toBe(second[1])
    const alone = await shown(source.replace(`[['CCC', 'AAA'], ['BBB']]`, `[['BBB']]`))
    expect(alone).toEqual([first])
  })

  it('of one symbol decides alike in both loops', async ({ expect }) => {
    const body = `const c = candles.close, f = context.indicators.fast
      if (index > 20 && c[index] > f[index] && c[index - 1] <= f[index - 1]) return { signal: 'BUY', slPct: 2, meta: { r: context.random() } }
      if (index > 20 && c[index] < f[index] && c[index - 1] >= f[index - 1]) return { signal: 'SELL' }`
    const members = `requiredIndicators() { return [{ id: 'fast', kind: 'ema', params: { period: 5 } }] }`
    const config = { symbols: ['AAA'], start: null, end: null }
    const [plain, grouped] = [
      await run(strategyOf(body, members), { config }),
      await run(strategyOf(body, `${members}\n requiredIntervals() { return ['1d'] }`), { config }),
    ]

    expect(encodeDecisionLog(grouped.decisions)).toEqual(encodeDecisionLog(plain.decisions))
    expect(plain.rows.length).toBeGreaterThan(10)
  })

  it('has its answers aggregated at the instant at which they were given', async ({ expect }) => {
    const members = `aggregateSignals(decisions) { return decisions.map((one) => ({ ...one, meta: { n: decisions.length } })).reverse() }`
    const body = `if (time === ${ORIGIN + 94 * HOUR}) return symbols.map((symbol) => ({ signal: 'BUY', symbol }))`
    const { rows } = await run(strategyOf(body, members))

    expect(rows.map(({ symbol, late, meta, sequence }) => [symbol, late, meta, sequence])).toEqual([
      [2, undefined, '{"n":3}', 0],
      [0, 3, '{"n":3}', 2],
      [1, undefined, '{"n":3}', 1],
    ])
  })
})
