import { beforeAll, describe, it } from 'vitest'
import { encodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import { bundleRealmScript, createTaskRunner, type RealmRun } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const SERIES = makeWalk({ symbol: 'AAA', rows: 300, seed: 31 })

async function run(members: string): Promise<RealmRun> {
  const source = `import { ThreeStepStrategy } from 'hotcell'
export default class S extends ThreeStepStrategy {
  requiredLookback() { return 10 }
  ${members}
}`
  return createTaskRunner(script).run(makeHeader(makeFileConfig(source, { path: 'main.js' })), SERIES)
}

/** The whole table at each bar, all signals of it with their times: as such strategies are written. */
const CROSSING = `
  initialize(data) { console.log('initialize', data.length, data.symbol) }
  calculateIndicators(data) {
    const mean = data.close.map((_, i) => (i < 9 ? NaN : data.close.slice(i - 9, i + 1).reduce((a, b) => a + b, 0) / 10))
    return { ...data, mean }
  }
  generateSignals({ close, mean, time, length }) {
    const signals = []
    for (let i = 1; i < length; i++) {
      if (close[i - 1] <= mean[i - 1] && close[i] > mean[i]) signals.push({ signalType: 'BUY', timestamp: time[i], strength: 0.5, metadata: { i } })
      else if (close[i - 1] >= mean[i - 1] && close[i] < mean[i]) signals.push({ signalType: 'SELL', timestamp: time[i] })
      else signals.push({ signalType: 'HOLD', timestamp: time[i] })
    }
    return signals
  }`

describe('ThreeStepStrategy', () => {
  it('acts at each bar on what is said of that bar', async ({ expect }) => {
    const { rows, logs } = await run(CROSSING)
    const mean = (i: number) => SERIES.close.slice(i - 9, i + 1).reduce((a, b) => a + b, 0) / 10
    const wanted: unknown[] = []
    for (let i = 10; i < SERIES.rows; i++) {
      const [before, now] = [SERIES.close[i - 1]! - mean(i - 1), SERIES.close[i]! - mean(i)]
      if (before <= 0 && now > 0) wanted.push([i, 'BUY', 0.5, `{"i":${i}}`])
      else if (before >= 0 && now < 0) wanted.push([i, 'SELL', undefined, undefined])
    }

    expect(rows.map(({ bar, signal, confidence, meta }) => [bar, signal, confidence, meta])).toEqual(wanted)
    expect(wanted.length).toBeGreaterThan(20)
    expect(logs.map(({ text }) => text)).toEqual(['initialize 11 AAA'])
  })

  it('has only the bars up to now, or the last historyBars of them', async ({ expect }) => {
    const count = `generateSignals(data) { this.seen ??= new Set(); this.seen.add(data.close.length - data.time.length)
      if (data.close.some((x) => x !== x)) throw new Error('future'); if (data.length > 299 || data.length < 11) console.log(data.length)
      return [] }`
    const { logs } = await run(count)
    const { logs: short } = await run(`historyBars = 6; ${count}`)

    expect(logs.map(({ text }) => text)).toEqual(['300'])
    expect(new Set(short.map(({ text }) => text))).toEqual(new Set(['6']))
  })

  it('never acts on a signal that is added to the past', async ({ expect }) => {
    const repaints = CROSSING.replace(
      'return signals',
      `for (let i = 0; i < length - 1; i++) signals.push({ signalType: close[i + 1] > close[i] ? 'BUY' : 'SELL', timestamp: time[i] }); return signals`,
    )
    const [honest, other] = [await run(CROSSING), await run(repaints)]

    expect(encodeDecisionLog(other.decisions)).toEqual(encodeDecisionLog(honest.decisions))
  })

  it.for([
    [`generateSignals() { return null }`, 'generateSignals() returned null, expected a list of signals'],
    [`generateSignals() { return [5] }`, 'generateSignals() returned 5 in its list'],
    [
      `generateSignals() { return [{ signalType: 'LONG' }] }`,
      `whose signalType is "LONG", expected 'BUY', 'SELL' or 'HOLD'`,
    ],
    [`generateSignals() { return [{ signalType: 'BUY', timestamp: 'now' }] }`, 'whose timestamp is "now"'],
    [
      `generateSignals({ time, length }) { return [{ signalType: 'BUY', timestamp: time[length - 1] + 1 }] }`,
      'which is after the last bar',
    ],
    [`historyBars = 0`, 'historyBars is 0, expected at least 1'],
    [`validateParameters() { return 'yes' }`, 'validateParameters() returned "yes", expected true or false'],
  ] as const)('refuses %s as bad_answer', async ([members, message], { expect }) => {
    await expect(run(members)).rejects.toMatchObject({
      outcome: { kind: 'strategy_error', reason: 'bad_answer', message: expect.stringContaining(message) as string },
    })
  })

  it('refuses its parameters with validateParameters()', async ({ expect }) => {
    await expect(run(`validateParameters() { return false }`)).rejects.toMatchObject({
      outcome: { kind: 'invalid_config', pointer: '/strategy/params' },
    })
  })
})
