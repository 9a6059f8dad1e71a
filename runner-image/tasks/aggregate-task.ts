import { slotOf, slotOpen } from '../../src/candles/interval.ts'
import type { DecisionLog } from '../../src/backtest/decision-log.ts'
import { dueSlotsOf } from '../../src/backtest/decision-slots.ts'
import { decisionRow } from '../../src/backtest/decision-codec.ts'
import { claim } from '../claims.ts'
import { Realm } from '../realm-host.ts'
import type { AggregateInput } from '../realm/wire.ts'
import { MAILBOX_STATE, THREAD_STATES } from '../realm/mailbox-layout.ts'
import { lowerBound } from '../../src/backtest/window.ts'
import { randomStateOf, realmBytes, type TaskContext } from './context.ts'
import type { AggregateTask } from './task.ts'
import { fieldsOf } from './unit-task.ts'

/** aggregateSignals over the decisions of all units, one instant after the other; the log holds its answers. */
export function runAggregateTask(task: AggregateTask, context: TaskContext): DecisionLog {
  const realm = openAggregateRealm(task, context)
  try {
    return aggregateIn(realm, task)
  } finally {
    context.retire(realm)
    new Int32Array(context.mailbox)[MAILBOX_STATE] = THREAD_STATES.idle
  }
}

/** A realm with the strategy loaded. @throws ClaimedEnd or FatalEnd */
export function openAggregateRealm(
  task: Pick<AggregateTask, 'config' | 'limits' | 'plan'>,
  context: TaskContext,
): Realm {
  const { config, limits, plan } = task
  const { strategy } = config
  if ('builtin' in strategy) throw new Error('Invariant: a built-in aggregates nothing')
  const words = new Int32Array(context.mailbox)
  words[MAILBOX_STATE] = THREAD_STATES.loading
  const randomState = randomStateOf(config, 'aggregate')
  const memoryBytes = realmBytes(limits.memoryBytes, { usedBytes: context.usedBytes(), sharedBytes: 0 })
  return Realm.open(context.takeRealm(memoryBytes), {
    modules: plan.modules,
    main: strategy.module,
    className: strategy.class,
    randomState,
  }).realm
}

/** Decisions at the instants of `task.decisions`, which follow those that the realm was asked before. */
export function aggregateIn(realm: Realm, task: AggregateTask): DecisionLog {
  const { limits, plan } = task
  const { input, bars } = groupByInstant(task)
  const rows = realm.aggregate(
    {
      symbols: plan.symbols,
      params: plan.params,
      maxDecisions: limits.maxDecisions,
      maxDecisionsPerCall: limits.maxDecisionsPerCall,
      executors: Object.keys(task.config.executors ?? {}),
    },
    input,
    bars,
  )
  return sortByUnit({
    rows: rows.rows,
    unit: rows.symbol.map((index) => task.plan.units.findIndex((unit) => unit.includes(plan.symbols[index]!))),
    symbol: rows.symbol,
    bar: rows.bar,
    sequence: rows.sequence,
    signal: rows.signal,
    ...fieldsOf(rows),
  })
}

/** Answers are decisions one by one: what makes a proposal of several of them would be lost. */
function refuseLegs({ numbers, texts }: DecisionLog): void {
  const isLater = (['leg', 'liveTime', 'liveBar'] as const).some((name) => numbers.has(name))
  const isAsked = (['priceFn', 'whenFn', 'exitResolver'] as const).some((name) => texts.has(name))
  if (!isLater && !isAsked) return
  const message =
    'not supported yet: proposals with several legs, with `when` or with functions, beside aggregateSignals()'
  throw claim({ kind: 'strategy_error', reason: 'bad_decision', message })
}

/** Decisions by instant (then unit, then sequence), and the last closed row of each symbol that is ready there. */
function groupByInstant(task: AggregateTask): { input: AggregateInput; bars: Int32Array } {
  const { config, series, decisions } = task
  refuseLegs(decisions)
  const { interval } = config
  const due = dueSlotsOf(decisions, { series, window: { firstSlot: 0 } })
  const order = Array.from({ length: decisions.rows }, (_, row) => row)
  order.sort((a, b) => due[a]! - due[b]! || a - b)
  const slots: number[] = []
  const starts: number[] = []
  order.forEach((row, i) => {
    if (slots.at(-1) === due[row]!) return
    slots.push(due[row]!)
    starts.push(i)
  })
  starts.push(order.length)
  const times = slots.map((slot) => slotOpen(interval, slot))
  const bars = new Int32Array(2 * times.length * series.length)
  times.forEach((time, i) => {
    const slot = slots[i]! - 1
    series.forEach((one, s) => {
      // The last row that opens before this instant has closed by it
      const row = lowerBound(one.time, one.rows, time) - 1
      const at = 2 * (i * series.length + s)
      // A symbol that is not ready has nothing to decide on (P1)
      bars[at] = isReady(task, s, row) ? row : -1
      bars[at + 1] = row < 0 ? 0 : slot - slotOf(interval, one.time[row]!)
    })
  })
  const rows = order.map((row) => {
    const { unit: _unit, bar: _bar, symbol, sequence: _sequence, late: _late, ...fields } = decisionRow(decisions, row)
    const { executor, ...told } = fields
    // The field that the strategy set
    const type = executor === undefined ? {} : { entryType: executor }
    return { symbol: task.plan.symbols[symbol]!, ...told, ...type }
  })
  return { input: { decisions: rows, starts, times }, bars }
}

/** Whether `row` lies in the window with the lookback before it (P1). */
function isReady(task: AggregateTask, symbol: number, row: number): boolean {
  return row >= task.plan.lookback && row >= task.firstInWindow[symbol]!
}

/** Rows in the order of the wire (unit, bar, sequence); the realm answered by instant. */
function sortByUnit(log: DecisionLog): DecisionLog {
  const order = Array.from({ length: log.rows }, (_, row) => row)
  order.sort((a, b) => log.unit[a]! - log.unit[b]! || log.bar[a]! - log.bar[b]! || log.sequence[a]! - log.sequence[b]!)
  const pick = <T extends Uint32Array | Uint8Array | Float64Array>(column: T): T =>
    column.map((_, i) => column[order[i]!]!) as T
  const pickAll = <K, T extends Uint32Array | Uint8Array | Float64Array>(columns: ReadonlyMap<K, T>): Map<K, T> =>
    new Map([...columns].map(([name, column]) => [name, pick(column)]))
  return {
    rows: log.rows,
    unit: pick(log.unit),
    bar: pick(log.bar),
    symbol: pick(log.symbol),
    sequence: pick(log.sequence),
    signal: pick(log.signal),
    numbers: pickAll(log.numbers),
    enums: pickAll(log.enums),
    texts: pickAll(log.texts),
    strings: log.strings,
  }
}
