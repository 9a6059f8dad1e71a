import { beforeAll, describe, it } from 'vitest'
import type { RunConfig } from '../../../src/protocol/run-config.ts'
import { gappedSeries } from '../../support/gapped-series.ts'
import { bundleRealmScript, createTaskRunner } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const HOUR = 3_600_000
const AAA = gappedSeries({ symbol: 'AAA', rows: 120, seed: 5, without: (row) => row % 17 === 9 })
const BBB = gappedSeries({ symbol: 'BBB', rows: 120, seed: 6, start: 15 })
const ORIGIN = AAA.time[0]!
const START = ORIGIN + 20 * HOUR

const strategyOf = (members: string): string => `import { BaseStrategy } from 'hotcell'
const show = (value) => console.log(JSON.stringify(value))
export default class S extends BaseStrategy {
  requiredLookback() { return 8 }
  ${members}
}`

async function shown(members: string, config: Partial<RunConfig> = {}): Promise<unknown[]> {
  const header = makeHeader(
    makeFileConfig(strategyOf(members), { path: 'main.js', symbols: ['AAA'], start: START, args: { x: 5 }, ...config }),
  )
  const { logs } = await createTaskRunner(script).run(header, AAA, BBB)
  return logs.map(({ text }) => JSON.parse(text) as unknown)
}

/** Bars of the series from `from` on that have closed by `now`. */
const closed = (time: Float64Array, from: number, now: number): number[] =>
  [...time].filter((open) => open >= from && open + HOUR <= now)

describe('fit()', () => {
  it('is called once before the first bar, with exactly the loaded bars that had closed by the start', async ({
    expect,
  }) => {
    const calls = await shown(`
      fit({ symbol, symbols, time, candles, frames, params, args }) {
        show(['fit', symbol, symbols, time, [...candles.time], candles.close === frames.AAA.close, candles.close.length, args.x, Date.now()])
      }
      decide({ index, time }) { show(['decide', time]); return null }`)
    const times = [...AAA.time].filter((time) => time < START).slice(-8)

    expect(calls[0]).toEqual(['fit', 'AAA', ['AAA'], START, times, true, 8, 5, START])
    expect((calls as string[][]).filter(([kind]) => kind === 'fit').length).toBe(1)
    expect(calls[1]).toEqual(['decide', START + HOUR])
  })

  it('is called again every refitEvery bars, with the bar that has just closed', async ({ expect }) => {
    const calls = (await shown(`
      refitEvery = 10
      fit({ time, candles }) { show(['fit', time, candles.time.length, candles.time.at(-1)]) }
      decide({ time }) { show(['decide', time]); return null }`)) as [string, number, number, number][]
    const decided = [...AAA.time].filter((time) => time >= START).map((time) => time + HOUR)
    const refits = decided.filter((_, i) => i > 0 && i % 10 === 0)

    expect(calls.filter(([kind]) => kind === 'fit').map(([, now]) => now)).toEqual([START, ...refits])
    for (const [kind, now, length, last] of calls.slice(1)) {
      if (kind !== 'fit') continue
      const bars = closed(AAA.time, AAA.time.at([...AAA.time].findIndex((time) => time >= START) - 8)!, now)
      expect([length, last]).toEqual([bars.length, now - HOUR])
    }
    const at = calls.findIndex(([kind, now]) => kind === 'fit' && now === refits[0])
    expect(calls[at + 1]).toEqual(['decide', refits[0]])
  })

  it('sees every symbol of its unit, also one that is not ready yet', async ({ expect }) => {
    const calls = await shown(
      `workUnits(symbols) { return [symbols] }
      fit({ frames }) { show([[...frames.AAA.time].length, [...frames.BBB.time]]) }`,
      { symbols: ['AAA', 'BBB'] },
    )

    expect(calls).toEqual([[8, [...BBB.time].filter((time) => time < START)]])
  })

  it('has columns of its own: what it writes is seen nowhere else', async ({ expect }) => {
    const body = `decide({ candles, index }) { if (index === 30) show([...candles.close.subarray(0, 31)]); return null }`
    const [honest, other] = [
      await shown(`fit() {} ${body}`),
      await shown(
        `refitEvery = 3; fit({ candles }) { candles.close.fill(0); candles.close.buffer.transfer() } ${body}`,
      ),
    ]

    expect(other).toEqual(honest)
  })

  it('changes no decision by being there', async ({ expect }) => {
    const body = `decide({ candles: { close }, index }) { return close[index] > close[index - 1] ? { signal: 'BUY' } : null }`
    const rowsOf = async (members: string) => {
      const config = makeFileConfig(strategyOf(members), { path: 'main.js', symbols: ['AAA'], start: START })
      return (await createTaskRunner(script).run(makeHeader(config), AAA)).rows
    }

    expect(await rowsOf(`refitEvery = 7; fit() {} ${body}`)).toEqual(await rowsOf(body))
  })

  it.for([
    [`async fit() {}`, 'bad_answer', 'fit() returned a promise; it must answer synchronously'],
    [`fit({ candles }) { throw new RangeError('mine') }`, 'threw', 'The strategy threw at main.js:5:'],
  ] as const)('ends the run when it is %s', async ([members, reason, problem], { expect }) => {
    await expect(shown(members)).rejects.toMatchObject({
      outcome: { kind: 'strategy_error', reason, message: expect.stringContaining(problem) as string },
    })
  })
})
