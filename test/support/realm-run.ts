import { EmptyRealm } from '../../runner-image/empty-realm.ts'
import IsolatedVm from 'isolated-vm'
import { bundleProgram, RUNNER_PROGRAM } from '../../orchestrator-service/sandbox/image/program.ts'
import { mergeDecisionLogs, unpackDecisions } from '../../src/backtest/decision-codec.ts'
import type { DecisionLog, DecisionRow } from '../../src/backtest/decision-log.ts'
import { loadedRows, resolveWindow, type Window } from '../../src/backtest/window.ts'
import { CANDLE_COLUMNS, sliceSeries, type CandleSeries } from '../../src/candles/series.ts'
import type { RunHeader } from '../../src/protocol/header.ts'
import { drainLog, type LogEntry } from '../../runner-image/pool/log-drain.ts'
import { MAILBOX_BYTES } from '../../runner-image/realm/mailbox-layout.ts'
import { runAggregateTask } from '../../runner-image/tasks/aggregate-task.ts'
import type { TaskContext } from '../../runner-image/tasks/context.ts'
import { runPlan } from '../../runner-image/tasks/plan-task.ts'
import type { RunPlan } from '../../runner-image/tasks/task.ts'
import { runUnitTask } from '../../runner-image/tasks/unit-task.ts'

/** The realm's script as the image carries it. */
export async function bundleRealmScript(): Promise<string> {
  const { files } = await bundleProgram(RUNNER_PROGRAM)
  const realm = files.find((file) => file.path === '/app/realm.js')
  if (realm === undefined || !('bytes' in realm.content)) throw new Error('No realm in the bundle')
  return Buffer.from(realm.content.bytes).toString()
}

export interface RealmRun {
  readonly plan: RunPlan
  readonly decisions: DecisionLog
  /** The decisions, one object each. */
  readonly rows: readonly DecisionRow[]
  readonly logs: readonly LogEntry[]
  /** Loaded rows of each traded symbol. */
  readonly series: readonly CandleSeries[]
  readonly window: Window
}

/** Series on shared memory, as the supervisor reads them. */
export function shareSeries(series: CandleSeries): CandleSeries {
  const memory = new SharedArrayBuffer(series.rows * 48)
  const shared: Record<string, unknown> = { symbol: series.symbol, interval: series.interval, rows: series.rows }
  CANDLE_COLUMNS.forEach((name, i) => {
    const column = new Float64Array(memory, i * series.rows * 8, series.rows)
    column.set(series[name].subarray(0, series.rows))
    shared[name] = column
  })
  return shared as unknown as CandleSeries
}

/** Tasks of a worker thread run in this thread, with a real isolate. */
export function createTaskRunner(script: string): {
  context: TaskContext
  plan: (header: RunHeader) => Promise<RunPlan>
  /** Plan, all units and the aggregation. One series for each symbol of the run. */
  run: (header: RunHeader, ...series: CandleSeries[]) => Promise<RealmRun>
} {
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  const context: TaskContext = {
    mailbox,
    takeRealm: (memoryBytes) => new EmptyRealm({ ivm: IsolatedVm, script, memoryBytes, mailbox }),
    spareRealms: () => {},
    retire: (realm) => realm.close(),
    proof: { units: new Map(), aggregation: null, answers: null },
    usedBytes: () => 100_000_000,
  }
  return {
    context,
    plan: async (header) => runPlan(header, context),
    async run(header, ...all) {
      const plan = await runPlan(header, context)
      const logs = drainLog(mailbox)
      const { loaded, window } = loadRows(header, plan, all)
      const config = { ...header.config, symbols: [...plan.symbols] }
      const { limits } = header
      const parts = plan.units.map((names, unit) => {
        const symbols = names.map((name) => {
          const index = plan.symbols.indexOf(name)
          const instrument = header.instruments[header.config.symbols.indexOf(name)] ?? null
          return { index, instrument, ...loaded[index]! }
        })
        const { decisions } = runUnitTask({ kind: 'unit', unit, config, limits, plan, symbols, window }, context)
        logs.push(...drainLog(mailbox))
        return decisions
      })
      let decisions = mergeDecisionLogs(parts)
      if (plan.aggregates) {
        const series = loaded.map((one) => one.series)
        const firstInWindow = loaded.map((one) => one.firstInWindow)
        const task = { kind: 'aggregate', config, limits, plan, series, firstInWindow, decisions } as const
        decisions = runAggregateTask(task, context)
        logs.push(...drainLog(mailbox))
      }
      return {
        plan,
        decisions,
        rows: unpackDecisions(decisions),
        logs,
        series: loaded.map((one) => one.series),
        window,
      }
    },
  }
}

/** The rows of each traded symbol that the run loads. */
function loadRows(
  header: RunHeader,
  plan: RunPlan,
  all: readonly CandleSeries[],
): { loaded: { series: CandleSeries; firstInWindow: number }[]; window: Window } {
  const { interval, start, end } = header.config
  const shared = plan.symbols.map((symbol, i) =>
    shareSeries(all.find((one) => one.symbol === symbol) ?? all[i] ?? fail(symbol)),
  )
  const window = resolveWindow({ interval, start, end, lookback: plan.lookback, series: shared })!
  const loaded = shared.map((one) => {
    const { from, to, firstInWindow } = loadedRows(one, window, plan.lookback)
    return { series: sliceSeries(one, from, to), firstInWindow }
  })
  return { loaded, window }
}

function fail(symbol: string): never {
  throw new Error(`No series for ${symbol}`)
}
