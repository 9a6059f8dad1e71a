import { beforeAll, describe, it } from 'vitest'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import { gappedSeries } from '../../support/gapped-series.ts'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { runIndicator } from '../../support/run-indicator.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const HOUR = 3_600_000
/** Hourly bars from 03:00 of a day on: the first bar of four hours is not whole. */
const AAA = gappedSeries({ symbol: 'AAA', rows: 300, seed: 5, start: 3, without: (row) => row % 17 === 9 })
const BBB = gappedSeries({ symbol: 'BBB', rows: 300, seed: 6, start: 3 })
const FIRST = AAA.time[0]!

const strategyOf = (body: string, members = ''): string => `import { BaseStrategy } from 'hotcell'
const show = (value) => console.log(JSON.stringify(value))
export default class S extends BaseStrategy {
  requiredLookback() { return 6 }
  requiredIntervals() { return ['4h', '1d'] }
  ${members}
  decide(context) { const { index, time, candles, frames, indicators } = context; ${body}; return null }
}`

async function shown(source: string, config: Partial<RunConfig> = {}): Promise<unknown[]> {
  const header = makeHeader(makeFileConfig(source, { path: 'main.js', symbols: ['AAA'], ...config }))
  const { logs } = await createTaskRunner(script).run(header, AAA, BBB)
  return logs.map(({ text }) => JSON.parse(text) as unknown)
}

/** Bars of four hours that have closed by `now`: [open time, close of the last hour, partial]. */
function closedBars(now: number): [number, number, number][] {
  const bars: [number, number, number][] = []
  for (let open = FIRST + HOUR; open + 4 * HOUR <= now; open += 4 * HOUR) {
    const rows = [...AAA.time.keys()].filter((row) => AAA.time[row]! >= open && AAA.time[row]! < open + 4 * HOUR)
    if (rows.length > 0) bars.push([open, AAA.close[rows.at(-1)!]!, rows.length < 4 ? 1 : 0])
  }
  return bars
}

describe('context.higher()', () => {
  it('shows bars of a higher interval once they have closed, without the first partial one', async ({ expect }) => {
    const body = `const h = context.higher('4h')
      let after = 0
      for (const column of [h.time, h.open, h.high, h.low, h.close, h.volume]) for (let i = h.index + 1; i < column.length; i++) if (column[i] === column[i]) after++
      show([time, index, after, h === context.higher('4h', 'AAA'), [...h.time.subarray(0, h.index + 1)].map((t, i) => [t, h.close[i], h.partial[i]]).slice(-3)])`
    const calls = (await shown(strategyOf(body))) as [number, number, number, boolean, unknown[]][]

    expect(calls.length).toBe(AAA.rows - 6)
    for (const [now, index, after, same, bars] of calls) {
      expect(now).toBe(AAA.time[index]! + HOUR)
      expect([after, same]).toEqual([0, true])
      expect(bars).toEqual(closedBars(now).slice(-3))
    }
    expect(calls.at(-1)![4].length).toBe(3)
  })

  it('does not depend on when it is first asked, and nothing of it is read back', async ({ expect }) => {
    const late = `if (index > 100) show([context.higher('4h').close[context.higher('4h').index], context.higher('1d').index])`
    const early = `context.higher('4h').close; const h = context.higher('4h'); const at = h.index; if (index > 100) show([h.close[at], context.higher('1d').index]); h.close.fill(7); h.index = -5`
    // What it wrote itself stays: only the newest entries are the engine's
    const [a, b] = [await shown(strategyOf(late)), await shown(strategyOf(early))] as [number[][], number[][]]

    expect(b.map(([, day]) => day)).toEqual(a.map(([, day]) => day))
    expect(b.some(([close], i) => close === a[i]![0])).toBe(true)
  })

  it('shows another symbol of the unit, to the same instant', async ({ expect }) => {
    const body = `const [a, b] = [context.higher('4h'), context.higher('4h', 'BBB')]; if (time % ${4 * HOUR} === 0) show([time, a.time[a.index], b.time[b.index]])`
    const source = strategyOf(body, `workUnits(symbols) { return [symbols] }`)
    const calls = (await shown(source, { symbols: ['AAA', 'BBB'] })) as number[][]

    expect(calls.length).toBeGreaterThan(60)
    for (const [now, a, b] of calls.slice(1)) expect([a, b]).toEqual([now! - 4 * HOUR, now! - 4 * HOUR])
  })

  it.for([
    [
      `context.higher('2h')`,
      'higher() was asked for "2h", expected an interval that requiredIntervals() returned: 4h, 1d',
    ],
    [`context.higher()`, 'higher() was asked for undefined'],
    [`context.higher('4h', 'BBB')`, 'higher() was asked for "BBB", expected one of AAA'],
  ] as const)('refuses %s as bad_answer', async ([call, problem], { expect }) => {
    await expect(shown(strategyOf(call))).rejects.toMatchObject({
      outcome: { kind: 'strategy_error', reason: 'bad_answer', message: expect.stringContaining(problem) as string },
    })
  })
})

describe('indicators of a higher interval', () => {
  it('hold at each row the value of the last bar closed by then', async ({ expect }) => {
    const members = `requiredIndicators() { return [
        { id: 'slow', kind: 'ema', params: { period: 3 }, interval: '4h' }, { id: 'bands', kind: 'donchian', params: { period: 4 }, interval: '4h' },
        { id: 'fast', kind: 'ema', params: { period: 3 } }] }`
    const body = `if (index === ${AAA.rows - 1}) for (let i = 0; i <= index; i++) show([indicators.slow[i], indicators.bands.upper[i], indicators.fast[i], frames.AAA.indicators.slow === indicators.slow])
      for (const column of [indicators.slow, indicators.bands.lower]) for (let i = index + 1; i < column.length; i++) if (column[i] === column[i]) show('future')`
    const bars = closedBars(AAA.time.at(-1)! + HOUR)
    const calls = await shown(strategyOf(body, members).replace(`return ['4h', '1d']`, 'return []'))
    const of = (open: number, pick: (...values: number[]) => number, column: Float64Array) =>
      pick(
        ...[...AAA.time.keys()]
          .filter((row) => AAA.time[row]! >= open && AAA.time[row]! < open + 4 * HOUR)
          .map((row) => column[row]!),
      )
    const columns = {
      ...AAA,
      rows: bars.length,
      close: Float64Array.from(bars, ([, close]) => close),
      high: Float64Array.from(bars, ([open]) => of(open, Math.max, AAA.high)),
      low: Float64Array.from(bars, ([open]) => of(open, Math.min, AAA.low)),
    }
    const [slow] = runIndicator({ kind: 'ema', params: { period: 3 }, columns })
    const [upper] = runIndicator({ kind: 'donchian', params: { period: 4 }, columns })
    const [fast] = runIndicator({ kind: 'ema', params: { period: 3 }, columns: AAA })
    const plain = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value)

    expect(calls).toEqual(
      Array.from(AAA.time.keys(), (row) => {
        const at = closedBars(AAA.time[row]! + HOUR).length - 1
        return [plain(slow![at]), plain(upper![at]), plain(fast![row]), true]
      }),
    )
  })
})
