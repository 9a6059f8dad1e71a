import { beforeAll, describe, expect, it } from 'vitest'
import { ClaimedEnd } from '../../../runner-image/claims.ts'
import type { ClaimedOutcome } from '../../../src/protocol/outcome.ts'
import { bundleRealmScript, createTaskRunner, type RealmRun } from '../../support/realm-run.ts'
import { makeFileConfig, makeHeader } from '../../support/runner-program.ts'
import { makeWalk } from '../../support/sample-series.ts'

let script = ''
beforeAll(async () => {
  script = await bundleRealmScript()
})

const SERIES = makeWalk({ symbol: 'AAA', rows: 20 })

/** A strategy whose decide() has this body; the first file line of the body is line 4. */
function strategyOf(body: string, members = ''): string {
  return `import { BaseStrategy } from 'hotcell'
export default class S extends BaseStrategy {
  ${members}
  decide(context) {
    ${body}
  }
}`
}

async function run(source: string): Promise<RealmRun> {
  return createTaskRunner(script).run(makeHeader(makeFileConfig(source, { path: 'main.js' })), SERIES)
}

async function endOf(source: string): Promise<ClaimedOutcome> {
  try {
    await run(source)
  } catch (error) {
    if (error instanceof ClaimedEnd) return error.outcome
    throw error
  }
  throw new Error('The run did not fail')
}

const EXECUTORS = { iceberg: { module: 'main.js', function: 'execute' } } as const

async function runWithExecutors(source: string): Promise<RealmRun> {
  const config = { ...makeFileConfig(source, { path: 'main.js' }), executors: EXECUTORS }
  return createTaskRunner(script).run(makeHeader(config), SERIES)
}

describe('decide()', () => {
  it('may name an executor of the run as its entry type, which aggregateSignals() is told as it was', async () => {
    const body = `return context.index === 3 ? { signal: 'BUY', entryType: 'iceberg', entryPrice: 5 } : null`
    const members = `aggregateSignals(decisions) { return decisions.filter(({ entryType }) => entryType === 'iceberg') }`
    const row = { unit: 0, bar: 3, symbol: 0, sequence: 0, signal: 'BUY', executor: 'iceberg', entryPrice: 5 }

    expect((await runWithExecutors(strategyOf(body))).rows).toEqual([row])
    expect((await runWithExecutors(strategyOf(body, members))).rows).toEqual([row])
  })

  it.for([
    [
      `{ signal: 'BUY', entryType: 'twap' }`,
      'entryType is "twap", expected one of market, limit, stop, stop_limit, iceberg',
    ],
    [`{ signal: 'BUY', entryType: 'iceberg', entryPrice: 1, limitPrice: 1 }`, 'limitPrice is 1 without'],
    [`{ signal: 'BUY', executor: 'iceberg' }`, 'unknown field "executor"'],
  ])('refuses %s beside executors', async ([decision, message]) => {
    const ended = runWithExecutors(strategyOf(`return ${decision}`))

    await expect(ended).rejects.toSatisfy(
      (error) => error instanceof ClaimedEnd && error.outcome.message.includes(message!),
    )
  })

  it('is not told of executors where a leg names one, which none may', async () => {
    const leg = `{ quantity: 1, side: 'BUY', price: 5, type: 'iceberg' }`
    const proposal = `{ meta: { size: 1, direction: 'BUY', symbol: 'AAA' }, legs: [${leg}] }`
    const ended = runWithExecutors(strategyOf(`return ${proposal}`))

    await expect(ended).rejects.toMatchObject({
      outcome: {
        message: expect.stringMatching(/"iceberg", expected one of market, limit, stop, stop_limit$/) as string,
      },
    })
  })

  it('is called once per row of the window, and its decisions become rows', async () => {
    const { rows } = await run(strategyOf(`return context.index % 7 === 3 ? { signal: 'BUY', tpPct: 2 } : null`))

    expect(rows).toEqual([3, 10, 17].map((bar) => ({ unit: 0, bar, symbol: 0, sequence: 0, signal: 'BUY', tpPct: 2 })))
  })

  const lying = (length: string) =>
    strategyOf(`return new Proxy([], { get: (t, k) => (k === 'length' ? ${length} : t[k]) })`)

  for (const length of ['NaN', '"3"', '{ valueOf: () => 2 }', '-1', '2 ** 60']) {
    it(`refuses a list that says its length is ${length}`, async () => {
      const outcome = await endOf(lying(length))

      expect(outcome).toMatchObject({ kind: 'strategy_error', reason: 'bad_decision' })
      expect(outcome.message).toContain('without a length')
    })
  }

  it('does not take words about memory for the end of memory', async () => {
    const outcome = await endOf(`throw new Error('out of memory: isolate was disposed')`)

    expect(outcome).toMatchObject({ kind: 'strategy_error', reason: 'threw', location: { file: 'main.js', line: 1 } })
  })

  it('keeps every field that a decision may have', async () => {
    const decision = {
      signal: 'SELL',
      intent: 'close',
      size: 1.5,
      entryPrice: 10,
      entryType: 'stop',
      tpPrice: 9,
      slPct: 3,
      entryTime: 5,
      confidence: 0.25,
      rank: -2,
      strategyName: 'x',
    }
    const meta = `{ b: 1, a: 'y', c: null, d: true, u: undefined }`
    const { rows } = await run(
      strategyOf(
        `return context.index === 1 ? { ...${JSON.stringify(decision)}, symbol: 'AAA', timeInForce: 'gtc', meta: ${meta} } : null`,
      ),
    )

    expect(rows).toEqual([
      { unit: 0, bar: 1, symbol: 0, sequence: 0, ...decision, meta: '{"a":"y","b":1,"c":null,"d":true}' },
    ])
  })

  it('takes a trail by distance or by percent, and a stop_limit with its limit', async () => {
    const { rows } = await run(
      strategyOf(`return context.index === 1 ? [
        { signal: 'BUY', trail: { distance: 3 } },
        { signal: 'BUY', trail: { percent: 4 } },
        { signal: 'BUY', entryType: 'stop_limit', entryPrice: 5, limitPrice: 6, trail: undefined },
      ] : null`),
    )

    expect(rows).toEqual(
      [{ trailDistance: 3 }, { trailPct: 4 }, { entryType: 'stop_limit', entryPrice: 5, limitPrice: 6 }].map(
        (fields, sequence) => ({ unit: 0, bar: 1, symbol: 0, sequence, signal: 'BUY', ...fields }),
      ),
    )
  })

  it('takes expiresAfterBars alone for gtd', async () => {
    const { rows } = await run(
      strategyOf(`return context.index === 1 ? [
        { signal: 'BUY', expiresAfterBars: 3 },
        { signal: 'BUY', expiresAfterBars: 4, timeInForce: 'gtd' },
        { signal: 'BUY', timeInForce: 'fok' },
      ] : null`),
    )

    expect(rows).toMatchObject([
      { timeInForce: 'gtd', expiresAfterBars: 3 },
      { timeInForce: 'gtd', expiresAfterBars: 4 },
      { timeInForce: 'fok' },
    ])
  })

  it('takes lists, numbers what acts, and drops NO and null', async () => {
    const { rows } = await run(
      strategyOf(
        `return context.index === 0 ? [null, { signal: 'NO' }, { signal: 'BUY' }, { signal: 'SELL' }] : { signal: 'NO' }`,
      ),
    )

    expect(rows.map((row) => [row.sequence, row.signal])).toEqual([
      [0, 'BUY'],
      [1, 'SELL'],
    ])
  })

  it.each([
    [`Promise.resolve(null)`, 'a promise'],
    [`(async () => null)()`, 'a promise'],
    [`5`, '5'],
    [`'BUY'`, '"BUY"'],
    [`undefined`, 'undefined'],
    [`() => null`, 'a function'],
    [`[5]`, 'in a list'],
    [`[[{ signal: 'BUY' }]]`, 'in a list'],
    [`{}`, 'signal is undefined'],
    [`{ signal: 'buy' }`, 'signal is "buy"'],
    [`{ signal: 'BUY', symbol: 'BBB' }`, 'symbol is "BBB"'],
    [`{ signal: 'BUY', size: 0 }`, 'size is 0'],
    [`{ signal: 'BUY', size: NaN }`, 'size is NaN'],
    [`{ signal: 'BUY', size: '1' }`, 'size is "1"'],
    [`{ signal: 'BUY', size: null }`, 'size is null'],
    [`{ signal: 'BUY', entryPrice: Infinity }`, 'entryPrice is Infinity'],
    [`{ signal: 'BUY', entryPrice: -1 }`, 'entryPrice is -1'],
    [`{ signal: 'BUY', slPct: -2 }`, 'slPct is -2'],
    [`{ signal: 'BUY', tpPrice: 2, tpPct: 2 }`, 'take-profit has a price and a percentage'],
    [`{ signal: 'BUY', slPrice: 2, slPct: 2 }`, 'stop-loss has a price and a percentage'],
    [`{ signal: 'BUY', confidence: 1.1 }`, 'confidence is 1.1'],
    [`{ signal: 'BUY', rank: NaN }`, 'rank is NaN'],
    [`{ signal: 'BUY', intent: 'maybe' }`, 'intent is "maybe"'],
    [`{ signal: 'BUY', entryType: 'limit' }`, 'without an entryPrice'],
    [`{ signal: 'BUY', entryType: 'default' }`, 'entryType is "default"'],
    [`{ signal: 'BUY', entryType: 'iceberg' }`, 'entryType is "iceberg"'],
    [`{ signal: 'BUY', entryType: 'stop_limit', entryPrice: 1 }`, "entryType is 'stop_limit' without a limitPrice"],
    [`{ signal: 'BUY', entryType: 'stop_limit', limitPrice: 1 }`, 'without an entryPrice'],
    [`{ signal: 'BUY', limitPrice: 3 }`, "limitPrice is 3 without entryType 'stop_limit'"],
    [`{ signal: 'BUY', trail: {} }`, 'trail is an object, expected { distance } or { percent }'],
    [`{ signal: 'BUY', trail: 3 }`, 'trail is 3'],
    [`{ signal: 'BUY', trail: null }`, 'trail is null'],
    [`{ signal: 'BUY', trail: { percent: 0 } }`, 'trail.percent is 0, expected a positive number'],
    [`{ signal: 'BUY', trail: { distance: 1, percent: 1 } }`, 'expected distance or percent'],
    [`{ signal: 'BUY', trail: { pct: 1 } }`, 'expected distance or percent'],
    [`{ signal: 'BUY', trailPct: 1 }`, 'unknown field "trailPct"'],
    [`{ signal: 'BUY', timeInForce: 'x' }`, 'timeInForce is "x"'],
    [`{ signal: 'BUY', timeInForce: 'gtd' }`, "timeInForce is 'gtd' without expiresAfterBars"],
    [`{ signal: 'BUY', timeInForce: 'day', expiresAfterBars: 3 }`, "timeInForce is 'day' with expiresAfterBars"],
    [`{ signal: 'BUY', timeInForce: 'gtc', expiresAfterBars: 3 }`, "timeInForce is 'gtc' with expiresAfterBars"],
    [`{ signal: 'BUY', expiresAfterBars: 1.5 }`, 'expiresAfterBars is 1.5'],
    [`{ signal: 'BUY', crossingPolicy: 'default' }`, 'crossingPolicy is "default"'],
    [`{ signal: 'BUY', expiresAfterBars: 0 }`, 'expiresAfterBars is 0'],
    [`{ signal: 'BUY', legs: [], meta: {} }`, 'unknown field "legs"'],
    [`{ signal: 'BUY', quantity: 1 }`, 'unknown field "quantity"'],
    [`{ signal: 'BUY', meta: 5 }`, 'meta is 5'],
    [`{ signal: 'BUY', meta: { a: {} } }`, 'meta field "a"'],
    [`{ signal: 'BUY', meta: { a: 'x'.repeat(2000) } }`, 'at most 1024'],
    [`{ signal: 'BUY', strategyName: '' }`, 'strategyName is ""'],
  ])('refuses %s as bad_decision', async (answer, problem) => {
    const end = await endOf(strategyOf(`return (${answer})`))

    expect(end).toMatchObject({
      kind: 'strategy_error',
      reason: 'bad_decision',
      location: { file: 'main.js', line: 4 },
    })
    expect(end.message).toContain(problem)
    expect(end.lastBarTime).toBe(SERIES.time[1])
  })

  it('reads each field once, so that a getter or a proxy cannot change what was checked', async () => {
    const getter = `let n = 0; return { signal: 'BUY', get size() { n++; return n === 1 ? 2 : NaN } }`
    const proxy = `return new Proxy({ signal: 'BUY', size: 1 }, { get: (t, k) => k === 'size' ? 3 : t[k] })`

    expect((await run(strategyOf(getter))).rows[0]!.size).toBe(2)
    expect((await run(strategyOf(proxy))).rows[0]!.size).toBe(3)
  })

  it.each([
    [`return Array.from({ length: 1001 }, () => ({ signal: 'BUY' }))`, 'at most 1000'],
    [`return new Proxy([], { get: (t, k) => k === 'length' ? 1e9 : t[k] })`, 'at most 1000'],
  ])('ends too many decisions of one call: %s', async (body, problem) => {
    const end = await endOf(strategyOf(body))

    expect(end).toMatchObject({ kind: 'strategy_error', reason: 'too_many_orders' })
    expect(end.message).toContain(problem)
  })

  it('ends too many decisions of a run', async () => {
    const header = makeHeader(makeFileConfig(strategyOf(`return { signal: 'BUY' }`), { path: 'main.js' }))
    const limits = { ...header.limits, maxDecisions: 5 }

    await expect(createTaskRunner(script).run({ ...header, limits }, SERIES)).rejects.toThrow('more than 5 decisions')
  })

  it('names the place of what it throws', async () => {
    const end = await endOf(strategyOf(`if (context.index === 3) null.x\n    return null`))

    expect(end).toMatchObject({
      kind: 'strategy_error',
      reason: 'threw',
      location: { file: 'main.js', line: 5, column: 35 },
      lastBarTime: SERIES.time[4],
    })
    expect(end.message).toContain('TypeError')
  })

  it.each([
    [`throw 5`, 'threw 5'],
    [`throw null`, 'threw null'],
    [`throw new Proxy({}, { get() { throw 1 } })`, 'threw an object'],
    [`throw Object.defineProperty(new Error('x'), 'message', { get() { throw 1 } })`, 'cannot be read'],
  ])('survives %s', async (body, message) => {
    expect((await endOf(strategyOf(body))).message).toContain(message)
  })

  it('refuses higher() without requiredIntervals()', async () => {
    const end = await endOf(strategyOf(`context.higher('4h'); return null`))

    expect(end).toMatchObject({
      kind: 'strategy_error',
      reason: 'bad_answer',
      message: 'higher() was asked for "4h", expected an interval that requiredIntervals() returned: none',
    })
  })
})
