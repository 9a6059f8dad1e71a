import { beforeAll, describe, expect, it } from 'vitest'
import { bundleRealmScript, createTaskRunner, type RealmRun } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'
import type { RunConfig } from '../../../src/protocol/run-config.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const SERIES = makeWalk({ symbol: 'AAA', rows: 30 })

async function run(source: string, changes: Partial<RunConfig> = {}): Promise<RealmRun> {
  return createTaskRunner(script).run(makeHeader(makeFileConfig(source, { path: 'main.js', ...changes })), SERIES)
}

/** Texts that a strategy logs: `top` at load, `body` in decide(). */
async function logsOf(options: {
  top?: string
  body?: string
  lookback?: number
  config?: Partial<RunConfig>
}): Promise<string[]> {
  const { top = '', body = '', lookback = 0, config = {} } = options
  const source = `import { BaseStrategy } from 'hotcell'
const show = (value) => console.log(typeof value === 'string' ? value : JSON.stringify(value))
${top}
export default class S extends BaseStrategy {
  requiredLookback() { return ${lookback} }
  decide(context) { ${body}; return null }
}`
  const { logs } = await run(source, config)
  return logs.map((entry) => entry.text)
}

/** What an expression is at the first bar. */
async function valueOf(expression: string, config: Partial<RunConfig> = {}): Promise<unknown> {
  const body = `if (context.index > 0) return null; let r; try { r = (${expression}) } catch (e) { r = 'threw ' + e.name } show(r === undefined ? 'undefined' : r)`
  const [text] = await logsOf({ body, config })
  try {
    return JSON.parse(text!) as unknown
  } catch {
    return text
  }
}

describe('globals of a realm', () => {
  it('are exactly the allow-list', async () => {
    const names = (await valueOf('Reflect.ownKeys(globalThis).map(String).sort()')) as string[]
    const allowed =
      `AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean DataView
      Date DisposableStack Error EvalError Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array
      Int8Array Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String
      SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap
      WeakSet console decodeURI decodeURIComponent encodeURI encodeURIComponent escape globalThis isFinite isNaN parseFloat
      parseInt undefined unescape`.split(/\s+/)

    expect(names).toEqual(allowed.sort())
  })

  it('leave nothing configurable or writable behind them', async () => {
    const walk = `const seen = new Set(), open = []; const pending = [[globalThis, 'globalThis']];
      const add = (v, p) => { if ((typeof v === 'object' || typeof v === 'function') && v !== null && !seen.has(v)) { seen.add(v); pending.push([v, p]) } };
      for (const f of [function* () {}, async function () {}, async function* () {}]) add(Object.getPrototypeOf(f), 'fn');
      for (const i of [[].values(), new Map().values(), new Set().values(), ''[Symbol.iterator](), ''.matchAll(/x/g), [].values().map((x) => x)]) add(Object.getPrototypeOf(i), 'it');
      while (pending.length > 0) {
        const [o, path] = pending.pop();
        add(Object.getPrototypeOf(o), path + '.__proto__');
        for (const k of Reflect.ownKeys(o)) {
          const d = Object.getOwnPropertyDescriptor(o, k); const name = path + '.' + String(k);
          if (d.configurable || d.writable) open.push(name);
          add(d.value, name); add(d.get, name + '.get'); add(d.set, name + '.set');
        }
        if (o !== globalThis && !Object.isFrozen(o)) open.push(path + ' is not frozen');
      }
      show([seen.size > 500 || seen.size, ...open.slice(0, 20)])`
    // The class itself is reachable from nothing; its own objects are the user's.
    const [text] = await logsOf({ top: walk })

    expect(JSON.parse(text!)).toEqual([true])
  })

  it('show no object of the engine to accessors planted where they can be', async () => {
    const top = `const caught = [];
      const plant = (target, key) => { try { Object.defineProperty(target, key, { configurable: true, get() { caught.push(key); return undefined }, set(v) { caught.push(key) } }) } catch {} };
      for (const target of [Object.prototype, Array.prototype, Function.prototype, Float64Array.prototype, Object.getPrototypeOf(Float64Array.prototype), Map.prototype, Error.prototype, Promise.prototype])
        for (const key of ['0', '1', 'length', 'then', 'get', 'set', 'value', 'signal', 'symbol', 'size', 'toJSON', 'constructor', 'push', 'call', 'enumerable', 'writable']) plant(target, key);
      globalThis.caught = caught`
    const { logs, rows } = await run(`import { BaseStrategy } from 'hotcell'
${top}
export default class S extends BaseStrategy {
  decide(context) { if (context.index === 29) console.log(JSON.stringify(caught)); return [{ signal: 'BUY', size: 1 }] }
}`)

    expect(logs.map((entry) => entry.text)).toEqual(['[]'])
    expect(rows).toHaveLength(30)
  })

  it.each([
    [`(() => {}).constructor('return 1')()`],
    [`(function* () {}).constructor('yield 1')`],
    [`(async () => {}).constructor('return 1')`],
    [`(async function* () {}).constructor('return 1')`],
    [`Reflect.construct(Object.getPrototypeOf(class {}).constructor, ['return 1'])`],
    [`new Function('return 1')`],
    [`context.log.constructor('return 1')()`],
    [`context.candles.close.constructor.constructor('return 1')()`],
    [`Object.defineProperty(Array.prototype, '0', { get() {} })`],
    [`Object.setPrototypeOf(Object.prototype, null) && Object.setPrototypeOf(Array.prototype, {})`],
    [`(Array.prototype.push = 1)`],
    [`(Math.random = () => 0)`],
    [`(globalThis.Date = 1)`],
    [`delete Math.floor`],
    [`(Object.prototype.toString = 1)`],
    [`(context.candles.close = [])`],
    [`Object.defineProperty(context, 'index', { get() {} })`],
  ])('%s throws', async (expression) => {
    expect(await valueOf(expression)).toMatch(/^threw TypeError/)
  })

  it.each([
    ['eval'],
    ['process'],
    ['require'],
    ['SharedArrayBuffer'],
    ['Atomics'],
    ['WebAssembly'],
    ['Intl'],
    ['Temporal'],
    ['WeakRef'],
    ['FinalizationRegistry'],
    ['setTimeout'],
    ['queueMicrotask'],
    ['structuredClone'],
    ['__hotcell_engine'],
    ['__hotcell_exports'],
  ])('%s does not exist', async (name) => {
    expect(await valueOf(`typeof ${name}`)).toBe('undefined')
  })

  it('let ordinary classes override what they inherit', async () => {
    const value = await valueOf(`(() => {
      class E extends Error { constructor() { super('m'); this.name = 'E'; this.message = 'n'; this.toString = () => 's' } }
      function Old() {} Old.prototype.toString = () => 'old'; Old.prototype.constructor = Old
      const o = {}; o.toString = () => 'o'; o.valueOf = () => 1; o.constructor = 5
      const e = new E()
      return [e.name, e.message, String(e), String(new Old()), String(o), o.constructor, e instanceof Error, (() => {}) instanceof Function]
    })()`)

    expect(value).toEqual(['E', 'n', 's', 'old', 'o', 5, true, true])
  })
})

describe('columns', () => {
  it('hold NaN in every bar that has not closed, whenever they are first read', async () => {
    const body = `const { candles, index, frames } = context
      const names = index < 5 ? ['close'] : ['time', 'open', 'high', 'low', 'close', 'volume']
      for (const name of names) {
        const column = candles[name]
        for (let i = 0; i < column.length; i++) if ((column[i] === column[i]) !== (i <= index)) console.log('bad', name, index, i)
        if (frames[context.symbol][name] !== column || column.length !== 30) console.log('other column')
      }
      if (frames[context.symbol].index !== index || frames[context.symbol].fresh !== true) console.log('bad frame')`

    expect(await logsOf({ body })).toEqual([])
  })

  it('begin with the lookback before the window', async () => {
    const start = SERIES.time[10]!
    const body = `if (context.index < 7) show([context.index, context.time, context.candles.time[0], context.candles.close.length])`

    const logs = await logsOf({ body, lookback: 5, config: { start } })

    expect(logs.map((text) => JSON.parse(text) as unknown)).toEqual([
      [5, SERIES.time[11], SERIES.time[5], 25],
      [6, SERIES.time[12], SERIES.time[5], 25],
    ])
  })

  it('belong to the strategy: writing or detaching them changes nothing else', async () => {
    const body = `const { close } = context.candles
      if (context.index === 3) { close.fill(7); show([close[3], close[29]]) }
      if (context.index === 4) { show([close[3], close[4] !== 7]); close.buffer.transfer() }
      if (context.index === 5) show(close.length)`

    expect(await logsOf({ body })).toEqual(['[7,7]', '[7,true]', '0'])
  })

  it('lead to no memory that is shared', async () => {
    expect(await valueOf(`Object.prototype.toString.call(context.candles.close.buffer)`)).toBe('[object ArrayBuffer]')
    expect(await valueOf(`Reflect.ownKeys(context)`)).toEqual(
      'symbol symbols interval index time candles frames instrument params args random log higher indicators'.split(
        ' ',
      ),
    )
  })
})

describe('determinism', () => {
  it('gives the same random numbers for the same seed and unit, others for another seed', async () => {
    const expression = `[Math.random(), context.random(), Math.random()]`
    const first = await valueOf(expression)

    expect(await valueOf(expression)).toEqual(first)
    expect(await valueOf(expression, { seed: '1' })).not.toEqual(first)
    expect(new Set(first as number[]).size).toBe(3)
  })

  it('shows the instant of the decision as the date, in UTC', async () => {
    const now = SERIES.time[1]!
    const value = await valueOf(
      `[Date.now(), +new Date(), new Date().constructor.now(), typeof Date(), new Date(2020, 0, 2, 3).toISOString(),
        new Date(0).getHours(), new Date(0).getTimezoneOffset(), String(new Date(0)), new Date(0).toLocaleString(), new Date() instanceof Date]`,
    )

    expect(value).toEqual([
      now, now, now, 'string', '2020-01-02T03:00:00.000Z', 0, 0,
      'Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)',
      'Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)',
      true,
    ]) // prettier-ignore
  })

  it('knows no locale', async () => {
    expect(
      await valueOf(
        `['ä'.localeCompare('z'), (1234.5).toLocaleString(), [1234.5].toLocaleString(), 'I'.toLocaleLowerCase('tr')]`,
      ),
    ).toEqual([1, '1234.5', '1234.5', 'i'])
  })

  it('computes powers with its own kernel and leaves BigInt alone', async () => {
    expect(
      await valueOf(
        `[2 ** 0.5 === Math.pow(2, 0.5), String(2n ** 70n), 2 ** 10, (() => { let x = 3; x **= 2; return x })()]`,
      ),
    ).toEqual([true, '1180591620717411303424', 1024, 9])
  })

  it('keeps nothing between two units', async () => {
    const source = `import { BaseStrategy } from 'hotcell'
globalThis.count = (globalThis.count ?? 0) + 1
export default class S extends BaseStrategy { decide(c) { if (c.index === 0) console.log(String(count)); return null } }`
    const runner = createTaskRunner(script)
    const header = makeHeader(makeFileConfig(source, { path: 'main.js' }))
    const logs = [...(await runner.run(header, SERIES)).logs, ...(await runner.run(header, SERIES)).logs]

    expect(logs.map((entry) => entry.text)).toEqual(['1', '1'])
  })
})

describe('log()', () => {
  it('carries level, instant and flat fields', async () => {
    const { logs } = await run(`import { BaseStrategy } from 'hotcell'
console.warn('at load', { a: 1 }, 5n, undefined)
export default class S extends BaseStrategy {
  decide(context) { if (context.index === 1) context.log('debug', 'x\\ny', { a: 1, b: 'c', d: null, e: NaN }); return null }
}`)

    expect(logs).toEqual([
      { level: 'warn', time: null, text: 'at load {"a":1} 5n undefined' },
      { level: 'warn', time: null, text: 'at load {"a":1} 5n undefined' },
      { level: 'debug', time: SERIES.time[2], text: 'x\ny', fields: { a: 1, b: 'c', d: null, e: 'NaN' } },
    ])
  })

  it('says when it shortens a text', async () => {
    const [text] = await logsOf({ body: `if (context.index === 0) console.log('x'.repeat(20000))` })

    expect(text).toBe(`${'x'.repeat(16_384)}… (3616 more characters)`)
  })
})
