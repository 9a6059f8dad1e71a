import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { sliceSeries } from '../../../src/candles/series.ts'
import { CellEvent } from '../../../src/protocol/events.ts'
import { encodeHeaderFrame } from '../../../src/protocol/frames.ts'
import { RunnerResult } from '../../../src/protocol/runner-result.ts'
import {
  encodeInput,
  makeFileConfig,
  makeHeader,
  makeRunConfig,
  TEST_LIMITS,
  useRunnerProgram,
  type RunnerEnd,
} from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

/** The program of the cell under plain Node: what does not need a container is shown here. */
const runRunner = useRunnerProgram()

const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD']
const SERIES = SYMBOLS.map((symbol, i) => makeWalk({ symbol, rows: 3000 + 100 * i, seed: i + 1 }))

const strategyOf = (members: string, top = '') => `import { BaseStrategy } from 'hotcell'
${top}
export default class S extends BaseStrategy {
  ${members}
}`

async function runFile(source: string, limits = TEST_LIMITS): Promise<RunnerEnd> {
  const config = makeFileConfig(source, { path: 'main.js' })
  return runRunner(encodeInput(makeHeader(config, { limits }), [SERIES[0]!]))
}

/** All that must not depend on time and place. */
function claimOf(end: RunnerEnd): Partial<RunnerResult> {
  const { timings: _timings, usage: _usage, ...claim } = end.result!
  return claim
}

const fatalOf = (end: RunnerEnd) => end.events.find((event) => event.type === 'fatal')

describe('the runner', () => {
  it('writes one document that matches its schema, and events that match theirs', async () => {
    const config = makeRunConfig({ strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } } })
    const end = await runRunner(encodeInput(makeHeader(config), [SERIES[0]!]))

    expect(end.code).toBe(0)
    expect([...Value.Errors(RunnerResult, end.result)]).toEqual([])
    expect(end.events.every((event) => Value.Check(CellEvent, event))).toBe(true)
    expect(end.events.slice(0, 2).map((event) => event.type)).toEqual(['attestation', 'accepted'])
    expect(end.result!.outcome.kind).toBe('ok')
  })

  it('gives the same result with 1, 2 and 4 workers and with the series in another order', async () => {
    const source = strategyOf(`requiredLookback() { return 3 }
      decide(c) { return c.random() < 0.02 ? { signal: 'BUY', slPct: 2, rank: c.random(), meta: { at: c.index } } : Math.random() < 0.01 ? { signal: 'SELL' } : null }`)
    const config = makeFileConfig(source, { path: 'main.js', symbols: SYMBOLS })
    const ends = []
    for (const [workers, series] of [
      [1, SERIES],
      [2, SERIES],
      [4, SERIES],
      [2, [...SERIES].reverse()],
    ] as const) {
      ends.push(await runRunner(encodeInput(makeHeader(config, { workers }), series)))
    }
    const claims = ends.map(claimOf)

    expect(claims[0]!.outcome!.kind).toBe('ok')
    expect(claims[0]!.decisions!.rows).toBeGreaterThan(100)
    for (const claim of claims) expect(claim).toEqual(claims[0])
  })

  it('gives units of several symbols the same result with 1 and 3 workers', async () => {
    const source = strategyOf(`requiredLookback() { return 3 }
      workUnits(symbols) { return [['DDD', 'BBB'], ['CCC'], ['AAA']].filter((unit) => unit.every((s) => symbols.includes(s))) }
      decide({ symbols, frames, random }) {
        const symbol = symbols[Math.floor(random() * symbols.length)]
        return frames[symbol].index >= 3 && random() < 0.05 ? { signal: random() < 0.5 ? 'BUY' : 'SELL', symbol } : null
      }`)
    const config = makeFileConfig(source, { path: 'main.js', symbols: SYMBOLS })
    const ends = []
    for (const workers of [1, 3]) ends.push(await runRunner(encodeInput(makeHeader(config, { workers }), SERIES)))
    const claims = ends.map(claimOf)

    expect(claims[0]!.outcome!.message).toBe('The run is complete')
    expect(claims[1]).toEqual(claims[0])
    const units = ends[0]!.result!.timings!.units.map(({ key, bars }) => `${key}: ${bars}`)
    expect(units).toEqual(['AAA: 3000', 'CCC: 3200', 'DDD and 1 more: 6400'])
    expect(ends[0]!.events.find(({ type }) => type === 'accepted')).toMatchObject({ units: 3, symbols: SYMBOLS })
  })

  it("gives a built-in the same result in worker threads and, with fewer candles, in the supervisor's own", async () => {
    const long = makeWalk({ symbol: 'AAA', rows: 100_000 })
    const short = sliceSeries(long, 49_000, 53_000)
    const config = makeRunConfig({
      strategy: { builtin: 'SmaCrossover', params: { fast: 10, slow: 30 } },
      start: long.time[50_000]!,
      end: long.time[53_000]!,
    })
    const [threads, own] = [
      await runRunner(encodeInput(makeHeader(config), [long])),
      await runRunner(encodeInput(makeHeader(config), [short])),
    ]
    const claims = [threads, own].map(claimOf)

    expect(claims[0]!.outcome!.kind).toBe('ok')
    expect(claims[0]!.decisions!.rows).toBeGreaterThan(50)
    expect(claims[1]).toEqual(claims[0])
  })

  it('lets aggregateSignals decide what acts', async () => {
    const source = strategyOf(`
      decide(c) { return c.index % 10 === 0 ? { signal: 'BUY', confidence: 0.5, meta: { s: c.symbol } } : null }
      aggregateSignals(decisions) { return decisions.length > 1 ? [{ ...decisions[1], meta: { ...decisions[1].meta, of: decisions.length } }] : [] }`)
    const config = makeFileConfig(source, { path: 'main.js', symbols: SYMBOLS })
    const { result } = await runRunner(encodeInput(makeHeader(config), SERIES))

    expect(result!.outcome.message).toBe('The run is complete')
    const { rows, strings, symbol } = result!.decisions!
    expect(rows).toBe(320)
    expect(strings).toEqual(['{"of":4,"s":"BBB"}', '{"of":3,"s":"CCC"}', '{"of":2,"s":"DDD"}'].slice(0, strings.length))
    expect(new Uint32Array(new Uint8Array(Buffer.from(symbol, 'base64')).buffer)[0]).toBe(1)
  })

  it('ends an aggregation that names a symbol which is not ready at that instant', async () => {
    const times = SERIES[0]!.time
    const late = sliceSeries(SERIES[1]!, 500, SERIES[1]!.rows)
    const source = strategyOf(`
      requiredLookback() { return 20 }
      decide(c) { return c.symbol === 'AAA' && c.index === 510 ? { signal: 'BUY' } : null }
      aggregateSignals() { return [{ signal: 'BUY', symbol: 'BBB' }] }`)
    const config = makeFileConfig(source, { path: 'main.js', symbols: ['AAA', 'BBB'] })
    const { result } = await runRunner(encodeInput(makeHeader(config), [SERIES[0]!, late]))

    expect(times[500]).toBe(late.time[0])
    expect(result!.outcome).toMatchObject({ kind: 'strategy_error', reason: 'bad_decision' })
    expect(result!.outcome.message).toContain('symbol is BBB, which is not ready: too few of its bars have closed')
  })

  it('trades what filterSymbols leaves', async () => {
    const source = strategyOf(`filterSymbols(s) { return s.slice(1, 3) } decide() { return { signal: 'BUY' } }`)
    const config = makeFileConfig(source, { path: 'main.js', symbols: SYMBOLS })
    const { result, events } = await runRunner(encodeInput(makeHeader(config), SERIES))

    expect(result!.symbols).toEqual(['BBB', 'CCC'])
    expect(result!.seriesHashes!.map((one) => one.symbol)).toEqual(['BBB', 'CCC'])
    expect(events.find((event) => event.type === 'accepted')).toMatchObject({ symbols: ['BBB', 'CCC'], units: 2 })
  })

  it('describes a strategy in mode inspect without candles', async () => {
    const config = makeFileConfig(strategyOf(`static params = { n: { type: 'number', default: 2 } }`), {
      path: 'main.js',
    })
    const { result } = await runRunner(encodeInput(makeHeader(config, { mode: 'inspect' }), []))

    expect(result!.inspection).toEqual({
      name: 'S',
      kind: 'proposal',
      params: [{ name: 'n', type: 'number', default: 2 }],
      lookback: 0,
      symbols: ['AAA'],
    })
  })

  it('says that the sender died when the end is missing, and ends at once on empty input', async () => {
    const input = encodeInput(makeHeader(makeRunConfig({})), [SERIES[0]!])
    const outcome = { kind: 'platform_error', reason: 'infra' }

    expect((await runRunner([])).result!.outcome).toMatchObject(outcome)
    expect((await runRunner(input.slice(0, -1))).result!.outcome).toMatchObject(outcome)
    expect((await runRunner(input.slice(0, 3))).result!.outcome).toMatchObject(outcome)
  })

  it.each<[string, Uint8Array[], string]>([
    ['a plain configuration', [Buffer.from('{"symbols":[]}')], 'not supported yet'],
    ['noise', [Buffer.alloc(64, 7)], 'no frame magic'],
    ['a missing series', encodeInput(makeHeader(makeRunConfig({})), []), 'series "AAA" was not sent'],
    ['a series twice', encodeInput(makeHeader(makeRunConfig({})), [SERIES[0]!, SERIES[0]!]), 'sent twice'],
    ['another interval', encodeInput(makeHeader(makeRunConfig({ interval: '4h' })), [SERIES[0]!]), 'has interval 1h'],
    [
      'two headers',
      [...encodeHeaderFrame(makeHeader(makeRunConfig({}))), ...encodeHeaderFrame(makeHeader(makeRunConfig({})))],
      'two headers',
    ],
  ])('refuses %s as platform_error(protocol)', async (_name, input, problem) => {
    const { result, code } = await runRunner(input)

    expect(code).toBe(0)
    expect(result!.outcome).toMatchObject({ kind: 'platform_error', reason: 'protocol' })
    expect(result!.outcome.message).toContain(problem)
  })

  it('ends an empty window as data_unavailable', async () => {
    const config = makeRunConfig({ start: 0, end: 1 })

    expect((await runRunner(encodeInput(makeHeader(config), [SERIES[0]!]))).result!.outcome).toMatchObject({
      kind: 'data_unavailable',
      reason: 'empty_range',
    })
  })

  it.each<[string, string, string]>([
    ['an endless loop in decide()', strategyOf(`decide() { for (;;); }`), 'bar_time'],
    ['an endless loop at load', strategyOf('', 'for (;;);'), 'load_time'],
    ['an endless constructor', strategyOf('constructor() { super(); for (;;); }'), 'load_time'],
    [
      'an endless chain of microtasks',
      strategyOf(`decide() { const f = () => Promise.resolve().then(f); f(); return null }`),
      'bar_time',
    ],
    ['a BigInt power', strategyOf(`decide() { 3n ** (2n ** 28n); return null }`), 'bar_time'],
    [
      'a regular expression that never ends',
      strategyOf(`decide() { /^(a+)+$/.test('a'.repeat(60) + 'b'); return null }`),
      'bar_time',
    ],
    ['a heap bomb', strategyOf(`decide() { const a = []; for (;;) a.push(new Array(1000).fill({})) }`), 'heap'],
  ])('reports %s as fatal and waits to be killed', async (_name, source, kind) => {
    const end = await runFile(source, {
      ...TEST_LIMITS,
      memoryBytes: kind === 'heap' ? 400_000_000 : 2_000_000_000,
      barTimeMs: kind === 'heap' ? 8000 : 1000,
    })

    expect(fatalOf(end)).toMatchObject({ kind })
    expect(end.stdout).toBe('')
  })

  it('ends a memory bomb of buffers as limit_exceeded or an error of the strategy, never as ok', async () => {
    const source = strategyOf(`decide() { (globalThis.a ??= []).push(new ArrayBuffer(50_000_000)); return null }`)
    const end = await runFile(source, { ...TEST_LIMITS, memoryBytes: 400_000_000 })

    expect(end.result?.outcome.kind ?? fatalOf(end)?.kind).toMatch(/strategy_error|limit_exceeded|heap/)
  })

  it('stops a flood of logs at its cap and says what was dropped', async () => {
    const end = await runFile(strategyOf(`decide() { for (;;) try { console.log('x'.repeat(1000)) } catch {} }`), {
      ...TEST_LIMITS,
      logBytes: 100_000,
    })
    const logs = end.events.filter((event) => event.type === 'log')
    const bytes = logs.reduce((sum, event) => sum + JSON.stringify(event).length, 0)

    expect(logs.at(-1)!.text).toContain('more characters were dropped')
    expect(bytes).toBeLessThan(120_000)
    expect(end.result?.outcome ?? fatalOf(end)).toMatchObject({
      kind: expect.stringMatching(/limit_exceeded|bar_time/) as string,
    })
  })

  it('keeps lines within 64 KiB whatever a strategy logs', async () => {
    const end = await runFile(
      strategyOf(`decide(c) { if (c.index === 0) console.log('\\u0001'.repeat(16384) + '\\ud800'); return null }`),
    )
    const [log] = end.events.filter((event) => event.type === 'log')

    expect(JSON.stringify(log).length).toBeLessThan(65_536)
    expect(log!.text).toContain('cut: the line was')
  })

  it('returns hashes of record chunks when there are too many records', async () => {
    const walk = makeWalk({ symbol: 'AAA', rows: 100_000 })
    const source = strategyOf(`decide(c) { return { signal: c.index % 2 === 0 ? 'BUY' : 'SELL' } }`)
    const { result } = await runRunner(encodeInput(makeHeader(makeFileConfig(source, { path: 'main.js' })), [walk]))

    expect(result!.records).toBeUndefined()
    expect(result!.recordHashes!.length).toBe(Math.ceil(result!.recordCount! / 4096))
    expect([...Value.Errors(RunnerResult, result)]).toEqual([])
  })

  it('reports progress with rising bar times', async () => {
    const walk = makeWalk({ symbol: 'AAA', rows: 500_000, interval: '1m' })
    const source = strategyOf(
      `decide(c) { let s = 0; for (let i = 0; i < 1000; i++) s += i % 7; return s < 0 ? { signal: 'BUY' } : null }`,
    )
    const config = makeFileConfig(source, { path: 'main.js', interval: '1m' })
    const { events } = await runRunner(encodeInput(makeHeader(config), [walk]))
    // The last one may come when no thread has a bar any more
    const times = events.flatMap((event) =>
      event.type === 'progress' && event.phase === 'decide' && event.barTime !== null ? [event.barTime] : [],
    )

    // At each 25th on a machine that has time for it; a busy one lets fewer through
    expect(times.length).toBeGreaterThanOrEqual(3)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })
})
