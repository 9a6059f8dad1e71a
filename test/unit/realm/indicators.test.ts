import { beforeAll, describe, it } from 'vitest'
import { encodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import { sliceSeries } from '../../../src/candles/series.ts'
import { INDICATOR_KINDS, INDICATOR_OUTPUTS } from '../../../src/indicators/catalogue.ts'
import type { FlatJson, RunConfig } from '../../../src/protocol/run-config.ts'
import { resolveBuiltinStrategy } from '../../../src/strategies/builtin-catalogue.ts'
import { bundleRealmScript, createTaskRunner, type RealmRun } from '../../support/realm-run.ts'
import { runIndicator } from '../../support/run-indicator.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

/** More than two of the parts in which values are computed ahead. */
const SERIES = makeWalk({ symbol: 'AAA', rows: 600, seed: 3 })

async function run(source: string, changes: Partial<RunConfig> = {}): Promise<RealmRun> {
  const header = makeHeader(makeFileConfig(source, { path: 'main.js', ...changes }))
  return createTaskRunner(script).run(header, SERIES, { ...SERIES, symbol: 'BBB' })
}

function strategyOf(options: { ask?: string; top?: string; body?: string; lookback?: number }): string {
  const { ask = '[]', top = '', body = '', lookback = 0 } = options
  return `import { BaseStrategy } from 'hotcell'
const show = (value) => console.log(JSON.stringify(value))
${top}
export default class S extends BaseStrategy {
  requiredLookback() { return ${lookback} }
  requiredIndicators() { return ${ask} }
  decide(context) { const { index, indicators } = context; ${body}; return null }
}`
}

async function shown(source: string, changes: Partial<RunConfig> = {}): Promise<unknown[]> {
  const { logs } = await run(source, changes)
  return logs.map(({ text }) => JSON.parse(text) as unknown)
}

const ALL = `[${INDICATOR_KINDS.map((kind) => `{ id: '${kind}', kind: '${kind}' }`).join(', ')}]`
/** Every column of every indicator, as [id.output, column]. */
const EACH = `const each = (indicators) => Object.entries(indicators).flatMap(([id, view]) =>
  view instanceof Float64Array ? [[id + '.value', view]] : Object.entries(view).map(([name, column]) => [id + '.' + name, column]))`

/** The bits of a column in one number, every NaN alike; the log is too small for the columns themselves. */
function digest(column: Float64Array): number {
  let hash = 7
  for (const word of new Uint32Array(column.map((value) => (Number.isNaN(value) ? Number.NaN : value)).buffer)) {
    hash = Math.imul(hash ^ word, 16_777_619)
  }
  return hash
}
const DIGEST = `const digest = (column) => {
  let hash = 7
  for (const word of new Uint32Array(column.buffer)) hash = Math.imul(hash ^ word, 16777619)
  return hash
}`

describe('indicators of a strategy', () => {
  it('are those of our kernels from the first loaded row, revealed bar by bar', async ({ expect }) => {
    const [first, last] = [100, 560]
    const body = `for (const [name, column] of each(indicators)) {
        if (column.length !== 500) show(['length', name, column.length])
        for (let i = index + 1; i < column.length; i++) if (column[i] === column[i]) show(['future', name, index, i])
      }
      if (index === ${last - first + 39}) for (const [name, column] of each(indicators)) show([name, digest(column)])`
    const window = { start: SERIES.time[first]!, end: SERIES.time[last]! }

    const source = strategyOf({ ask: ALL, top: `${EACH}\n${DIGEST}`, body, lookback: 40 })
    const logs = await shown(source, window)
    const loaded = sliceSeries(SERIES, first - 40, last)
    const wanted = INDICATOR_KINDS.flatMap((kind) =>
      runIndicator({ kind, columns: loaded, block: 61 }).map((out, k) => [
        `${kind}.${INDICATOR_OUTPUTS[kind][k]}`,
        digest(out),
      ]),
    )

    expect(logs).toEqual(wanted)
  })

  it('do not depend on the strategy: what it writes, detaches or replaces is its own view', async ({ expect }) => {
    const ask = `[{ id: 'a', kind: 'ema' }, { id: 'b', kind: 'bollinger' }, { id: 'c', kind: 'sma' }]`
    const vandal = `indicators.a.fill(1e9); for (const name of ['upper', 'middle', 'lower']) indicators.b[name].fill(-7)
      context.candles.close.fill(3); context.candles.high.fill(4)
      if (index === 300) indicators.c.buffer.transfer()
      if (index > 30) show([indicators.a[index - 1], indicators.c.length])`
    const body = (extra: string) => `const now = [index, indicators.a[index], indicators.b.upper[index]]
      ${extra}
      if (index > 30) show(now)`

    const honest = await shown(strategyOf({ ask, body: body('') }))
    const after = (await shown(strategyOf({ ask, body: body(vandal) }))) as unknown[][]

    expect(after.filter((entry) => entry.length === 3)).toEqual(honest)
    expect(after.filter((entry) => entry.length === 2).at(-1)).toEqual([1e9, 0])
  })

  it('lie in objects without prototype that cannot be changed, on memory that is not shared', async ({ expect }) => {
    const top = `const tries = (action) => { try { action(); return 'done' } catch (error) { return error.name } }`
    const body = `if (index === 400) {
        const { macd } = indicators
        show([Object.getPrototypeOf(Object.getPrototypeOf(indicators)), Object.getPrototypeOf(Object.getPrototypeOf(macd)), indicators.toString === undefined])
        show([Object.isFrozen(indicators), Object.isFrozen(macd), Object.isFrozen(Object.getPrototypeOf(indicators))])
        show([tries(() => { indicators.atr = 1 }), tries(() => { macd.signal = 1 }), tries(() => { indicators.more = 1 })])
        show([Object.prototype.toString.call(macd.signal.buffer), macd.signal.byteOffset, macd.signal.buffer.byteLength / 8 - macd.signal.length])
        show([context.frames.AAA.indicators === indicators, Object.keys(indicators).length, macd === indicators.twin, macd === indicators.other])
      }`
    const ask = `[...${ALL}, { id: 'twin', kind: 'macd', params: { slow: 26 } }, { id: 'other', kind: 'macd', source: 'open' }]`

    expect(await shown(strategyOf({ ask, top, body }))).toEqual([
      [null, null, true],
      [true, true, true],
      ['TypeError', 'TypeError', 'TypeError'],
      ['[object ArrayBuffer]', 0, 0],
      [true, INDICATOR_KINDS.length + 2, true, false],
    ])
  })

  it('show nothing to accessors planted on prototypes, nor to functions put in their place', async ({ expect }) => {
    const top = `const leaked = []
      let planted = 0
      const plant = (holder, key) => {
        try {
          Object.defineProperty(holder, key, { configurable: true, get() { leaked.push(this) }, set(value) { leaked.push(this, value) } })
          planted++
        } catch {}
      }
      const holders = [Object.prototype, Array.prototype, Map.prototype, Function.prototype, String.prototype, Float64Array.prototype,
        Object.getPrototypeOf(Float64Array.prototype), Float64Array, Math, JSON, Object, Array]
      const keys = [0, '0', 'kind', 'params', 'source', 'close', 'advance', 'next', 'parts', 'kernel', 'from', 'base', 'get', 'set', 'sqrt', 'floor',
        'stringify', 'fill', 'map', 'defineProperty', 'freeze', 'entries', 'period', 'mean', 'toJSON', Symbol.iterator, Symbol.species]
      for (const holder of holders) for (const key of keys) plant(holder, key)
      for (const [holder, name] of [[Math, 'sqrt'], [JSON, 'stringify'], [Map.prototype, 'get'], [Object, 'defineProperty']]) {
        try { holder[name] = function () { leaked.push(this, arguments) } ; planted++ } catch {}
      }`
    const body = `if (index > 30) show([index, indicators.bollinger.upper[index], indicators.stochastic.d[index]])
      if (index === 599) show([planted, leaked.length])`
    const plain = `if (index > 30) show([index, indicators.bollinger.upper[index], indicators.stochastic.d[index]])`

    const logs = await shown(strategyOf({ ask: ALL, top, body }))

    expect(logs.at(-1)).toEqual([0, 0])
    expect(logs.slice(0, -1)).toEqual(await shown(strategyOf({ ask: ALL, body: plain })))
  })

  it('exist for the symbol that was asked for only', async ({ expect }) => {
    const ask = `[{ id: 'a', kind: 'sma' }, { id: 'b', kind: 'sma', symbol: 'BBB' }, { id: 'c', kind: 'sma', symbol: 'AAA' }]`
    const body = `if (index === 0) show([context.symbol, Object.keys(indicators)])`

    expect(await shown(strategyOf({ ask, body }), { symbols: ['AAA', 'BBB'] })).toEqual([
      ['AAA', ['a', 'c']],
      ['BBB', ['a', 'b']],
    ])
  })

  it('are an empty object for a strategy that asks for none', async ({ expect }) => {
    expect(
      await shown(strategyOf({ body: `if (index === 0) show([Object.keys(indicators), indicators.x === undefined])` })),
    ).toEqual([[[], true]])
  })

  it('that need more memory than there is end the run as a memory limit', async ({ expect }) => {
    const rows = 300_000
    const asked = Array.from({ length: 60 }, (_, i) => `{ id: 'm${i}', kind: 'macd', params: { signal: ${i + 1} } }`)
    const config = makeFileConfig(strategyOf({ ask: `[${asked.join(', ')}]` }), { path: 'main.js' })
    const header = makeHeader(config)
    const small = { ...header, limits: { ...header.limits, memoryBytes: 300_000_000 } }

    const ended = createTaskRunner(script).run(small, makeWalk({ symbol: 'AAA', rows }))

    await expect(ended).rejects.toThrow('The realm has no memory for a column of 300000 bars')
  })
})

/** Built-ins as a user writes them with indicators instead of sums of their own. */
const BY_INDICATOR: readonly [string, FlatJson, string][] = [
  [
    'SmaCrossover',
    { fast: 5, slow: 12 },
    `requiredLookback() { return 12 }
     requiredIndicators() { return [{ id: 'f', kind: 'sma', params: { period: 5 } }, { id: 's', kind: 'sma', params: { period: 12 } }] }
     decide({ index: i, indicators: { f, s } }) {
       return f[i - 1] <= s[i - 1] && f[i] > s[i] ? { signal: 'BUY' } : f[i - 1] >= s[i - 1] && f[i] < s[i] ? { signal: 'SELL' } : null
     }`,
  ],
  [
    'RsiMeanReversion',
    { period: 7, oversold: 40, overbought: 60 },
    `requiredLookback() { return 8 }
     requiredIndicators() { return [{ id: 'r', kind: 'rsi', params: { period: 7 } }] }
     decide({ index: i, indicators: { r } }) {
       return r[i - 1] <= 40 && r[i] > 40 ? { signal: 'BUY' } : r[i - 1] >= 60 && r[i] < 60 ? { signal: 'SELL' } : null
     }`,
  ],
  [
    'PeakEmaReversal',
    { fast: 4, slow: 9, peak: 3 },
    `requiredLookback() { return 9 }
     requiredIndicators() { return [{ id: 'e', kind: 'ema', params: { period: 4 } }, { id: 's', kind: 'ema', params: { period: 9 } }] }
     decide({ index: i, indicators: { e, s } }) {
       const last = [e[i - 3], e[i - 2], e[i - 1]]
       if (e[i - 2] > e[i - 1] && e[i - 1] < e[i] && e[i - 1] === Math.min(...last) && e[i - 1] < s[i - 1]) return { signal: 'BUY' }
       if (e[i - 2] < e[i - 1] && e[i - 1] > e[i] && e[i - 1] === Math.max(...last) && e[i - 1] > s[i - 1]) return { signal: 'SELL' }
       return null
     }`,
  ],
]

describe('a built-in and the same strategy with requiredIndicators()', () => {
  it.for(BY_INDICATOR)('decide alike, byte for byte: %s', async ([builtin, given, members], { expect }) => {
    const source = `import { BaseStrategy } from 'hotcell'\nexport default class S extends BaseStrategy { ${members} }`
    const window = { start: SERIES.time[37]! }

    const own = await run('', { strategy: resolveBuiltinStrategy(builtin, given), files: [], ...window })
    const mine = await run(source, window)

    expect(encodeDecisionLog(mine.decisions)).toEqual(encodeDecisionLog(own.decisions))
    expect(own.decisions.rows).toBeGreaterThan(20)
  })
})
