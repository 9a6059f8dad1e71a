/**
 * The engine's part of a realm: evaluated first, then everything is frozen, then user files are linked. What is exported
 * here is called by the worker thread through references; user code has no way to any of it.
 */
import { BaseStrategy } from '../../src/strategies/base-strategy.ts'
import * as hotcell from '../../src/strategies/hotcell-realm.ts'
import { randomStream } from '../../src/math/random.ts'
import { type Aggregation, openAggregation } from './aggregate.ts'
import { currentTime, installDate, openClock } from './clock.ts'
import { describeThrown } from './failures.ts'
import { askRefit } from './fit.ts'
import { growRows } from './grow.ts'
import { openOwnWork } from './own-work.ts'
import { askIndicators } from './indicator-requests.ts'
import {
  allowOverride,
  freezeRealm,
  installDeterminism,
  removeFunctionConstructors,
  removeGlobals,
} from './intrinsics.ts'
import { installConsole, openLog } from './log.ts'
import { openPortfolio, type PortfolioRun } from './portfolio.ts'
import { openPorts, type Ports } from './ports.ts'
import { power, powerRef, powerSet } from './power.ts'
import {
  askLookback,
  askPortfolio,
  askProblems,
  askIntervals,
  construct,
  findClass,
  askUnits,
  isOverridden,
  NOTHING_PLANNED,
  type StrategyClass,
} from './strategy.ts'
import { openGroup, runUnit } from './unit.ts'
import type { UnitGroup } from './unit-group.ts'
import type { AggregateInput, AggregateJob, PlanAnswer, PlanJob, RealmAnswer, RealmRows, UnitJob } from './wire.ts'
import type { PortBinding } from '../../src/backtest/port-bindings.ts'
import type { FlatJson } from '../../src/protocol/run-config.ts'

const state = {
  random: randomStream(Uint32Array.of(1, 2, 3, 4)),
  mailbox: null as SharedArrayBuffer | null,
  strategyClass: null as StrategyClass | null,
  /** Of a look-ahead proof: what goes on when more rows have come. */
  group: null as { job: UnitJob; group: UnitGroup } | null,
  aggregation: null as Aggregation | null,
  /** Exports of submitted modules by path, and what answers phase 2 out of them. */
  modules: new Map<string, Readonly<Record<string, unknown>>>(),
  ports: null as Ports | null,
  portfolio: null as PortfolioRun | null,
}
const random = (): number => state.random()

/** Prepares the realm; nothing of a user has been evaluated yet. */
function prepare(mailbox: SharedArrayBuffer): void {
  state.mailbox = mailbox
  openLog(mailbox)
  openClock(mailbox)
  openOwnWork(mailbox)
  installDate()
  installConsole()
  installDeterminism(random)
  removeFunctionConstructors()
  removeGlobals()
  allowOverride(BaseStrategy.prototype, Reflect.ownKeys(BaseStrategy.prototype))
  freezeRealm([BaseStrategy, ...(Object.values(EXPORTS) as object[]), random])
}

/** Start state of Math.random and context.random(). */
function seedRandom(words: readonly number[]): void {
  state.random = randomStream(Uint32Array.from(words))
}

const EXPORTS: Readonly<Record<string, unknown>> = {
  ...hotcell,
  __hotcell_power: power,
  __hotcell_power_ref: powerRef,
  __hotcell_power_set: powerSet,
}

/** What the module `hotcell` and the helper of `**` export, by name. */
function exportsOf(name: string): unknown {
  return EXPORTS[name]
}

function attempt<T>(method: string, action: () => T): RealmAnswer<T> {
  try {
    return { ok: true, value: action() }
  } catch (error) {
    return { ok: false, failure: describeThrown(error, method, currentTime()) }
  }
}

/** Finds the class and returns its `static params` as JSON text. */
function loadClass(namespace: Record<string, unknown>, name: string): RealmAnswer<{ name: string; params: string }> {
  return attempt('params', () => {
    const found = findClass(namespace, name)
    state.strategyClass = found
    const params: unknown = (found as unknown as { params?: unknown }).params
    return { name: found.name.slice(0, 256), params: JSON.stringify(params ?? {}) ?? 'null' }
  })
}

/** Calls the methods that are called once per run. */
function plan(job: PlanJob): RealmAnswer<PlanAnswer> {
  let method = 'constructor'
  const params = Object.freeze({ ...job.params }) as FlatJson
  const answer = attempt('plan', (): PlanAnswer => {
    const strategy = construct(state.strategyClass!, params)
    method = 'validateParams'
    const problems = askProblems(strategy, params)
    if (problems.length > 0) return { ...NOTHING_PLANNED, problems }
    method = 'plan'
    const isPortfolio = askPortfolio(strategy)
    method = 'filterSymbols'
    const { symbols, units: groups } = askUnits(strategy, job.symbols, job.instruments)
    const units = isPortfolio ? [symbols] : groups
    method = 'requiredLookback'
    const lookback = askLookback(strategy)
    method = 'requiredIndicators'
    const instruments = symbols.map((symbol) => job.instruments[job.symbols.indexOf(symbol)] ?? null)
    const indicators = askIndicators(strategy, { symbols, instruments, interval: job.interval })
    method = 'requiredIntervals'
    const intervals = askIntervals(strategy, job.interval)
    method = 'refitEvery'
    askRefit(strategy)
    const aggregates = !isPortfolio && isOverridden(strategy, 'aggregateSignals')
    return { symbols, units, lookback, problems, aggregates, isPortfolio, indicators, intervals }
  })
  return answer.ok ? answer : { ok: false, failure: { ...answer.failure, method } }
}

/** Runs one work unit over shared columns. */
function run(job: UnitJob, memories: readonly SharedArrayBuffer[]): RealmAnswer<RealmRows> {
  return attempt('decide', () => {
    const params = Object.freeze({ ...job.params }) as FlatJson
    const strategy = construct(state.strategyClass!, params)
    return runUnit({ strategy, job: { ...job, params }, memories, mailbox: state.mailbox!, random })
  })
}

/**
 * Takes as many rows of each symbol as `rows` says into a work unit. The first call opens the unit with `job`, the next ones
 * go on.
 */
function extend(
  rows: readonly number[],
  job: UnitJob | null,
  memories: readonly SharedArrayBuffer[],
): RealmAnswer<null> {
  return attempt('decide', () => {
    const known = state.group?.job ?? job!
    growRows(known, rows, memories)
    if (state.group === null) {
      const params = Object.freeze({ ...known.params }) as FlatJson
      const strategy = construct(state.strategyClass!, params)
      const opened = { ...known, params }
      state.group = {
        job: opened,
        group: openGroup({ strategy, job: opened, memories, mailbox: state.mailbox!, random }),
      }
    }
    return null
  })
}

/** Decides at the next instant of the open unit, if there is one: true. */
function step(): RealmAnswer<boolean> {
  return attempt('decide', () => state.group!.group.step())
}

/** Decides at all instants that are left of the open unit; the rows since the last answer. */
function advance(): RealmAnswer<RealmRows> {
  return attempt('decide', () => state.group!.group.advance())
}

/** Runs aggregateSignals over instants that follow those of the call before. */
function aggregate(job: AggregateJob, input: AggregateInput, bars: Int32Array): RealmAnswer<null> {
  return attempt('aggregateSignals', () => {
    if (state.aggregation === null) {
      const strategy = construct(state.strategyClass!, Object.freeze({ ...job.params }))
      state.aggregation = openAggregation({ strategy, job, mailbox: state.mailbox! })
    }
    state.aggregation.play(input, bars)
    return null
  })
}

/** The rows of aggregateSignals since the last answer. */
function takeAggregated(): RealmAnswer<RealmRows> {
  return attempt('aggregateSignals', () => state.aggregation!.take())
}

/** A module whose exports may answer ports. */
function addModule(path: string, namespace: Readonly<Record<string, unknown>>): void {
  state.modules.set(path, namespace)
}

/** Makes what answers phase 2. */
function bindPorts(bindings: readonly PortBinding[]): RealmAnswer<null> {
  return attempt('constructor', () => {
    state.ports = openPorts(bindings, (path) => state.modules.get(path)!)
    return null
  })
}

/** Makes the strategy that phase 2 asks; `rows`: of each symbol, if not all are there (look-ahead proof). */
function openBars(
  job: UnitJob,
  memories: readonly SharedArrayBuffer[],
  rows: readonly number[] | null,
): RealmAnswer<null> {
  return attempt('onBar', () => {
    if (rows !== null) growRows(job, rows, memories)
    const params = Object.freeze({ ...job.params }) as FlatJson
    const strategy = construct(state.strategyClass!, params)
    state.portfolio = openPortfolio({ strategy, job: { ...job, params }, memories, mailbox: state.mailbox!, random })
    return null
  })
}

/** It may see more rows. */
function growBars(rows: readonly number[]): RealmAnswer<null> {
  return attempt('onBar', () => {
    state.portfolio!.grow(rows)
    return null
  })
}

/** One call of onBar: the rows of what it did, 0 for nothing, or 'e' and JSON of the failure. */
function bar(time: number, equity: number, cash: number, account: string): RealmRows | 0 | string {
  try {
    return state.portfolio!.call(time, equity, cash, account) ?? 0
  } catch (error) {
    return `e${JSON.stringify(describeThrown(error, 'onBar', currentTime()))}`
  }
}

/** One question of phase 2; the answer is a primitive, since there may be many. */
function ask(port: string, args: string): string | number {
  return state.ports!.ask(port, args)
}

/**
 * Plans and runs a unit of a strategy of our own, so that this code is compiled in a realm that waits. Not one bar: what V8
 * learns of the call of `decide` must come from the submitted strategy alone, or that call is never inlined.
 */
function rehearse(memory: SharedArrayBuffer): void {
  const run = { interval: '1m', params: {}, randomState: [1, 2, 3, 4] } as const
  state.strategyClass = class Rehearsal extends BaseStrategy {}
  const planned = plan({ ...run, symbols: ['A'], instruments: [null] })
  const answer = attempt('decide', () => {
    const strategy = construct(state.strategyClass!, run.params)
    const columns = { rows: 0, capacity: 0, offsets: [0, 0, 0, 0, 0, 0], firstInWindow: 0, closes: null }
    const window = { start: 0, end: 0, lookback: 0, length: 0, stepMs: 60_000 }
    const caps = { maxDecisions: 1, maxDecisionsPerCall: 1, executors: [] }
    const job: UnitJob = {
      ...run,
      ...window,
      ...caps,
      symbols: [{ symbol: 'A', instrument: null, ...columns }],
      args: {},
      indicators: [],
      intervals: [],
    }
    return runUnit({ strategy, job, memories: [memory], mailbox: memory, random })
  })
  state.strategyClass = null
  if (!planned.ok || !answer.ok) throw new Error('Invariant: the rehearsal failed')
}

/** How the worker gets at the functions above; it takes this away before anything else is evaluated. */
Object.defineProperty(globalThis, '__hotcell_engine', {
  value: {
    __proto__: null,
    prepare,
    rehearse,
    seedRandom,
    exportsOf,
    addModule,
    openPorts: bindPorts,
    ask,
    openBars,
    growBars,
    bar,
    loadClass,
    plan,
    run,
    extend,
    step,
    advance,
    aggregate,
    takeAggregated,
  },
  configurable: true,
})
