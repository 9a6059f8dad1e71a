import { EmptyRealm } from '../../runner-image/realm-host.ts'
import IsolatedVm from 'isolated-vm'
import { bundleProgram, RUNNER_PROGRAM } from '../../orchestrator-service/sandbox/image/program.ts'
import { unpackDecisions } from '../../src/backtest/decision-codec.ts'
import type { DecisionLog, DecisionRow } from '../../src/backtest/decision-log.ts'
import { loadedRows, resolveWindow } from '../../src/backtest/window.ts'
import { CANDLE_COLUMNS, sliceSeries, type CandleSeries } from '../../src/candles/series.ts'
import type { RunHeader } from '../../src/protocol/header.ts'
import { drainLog, type LogEntry } from '../../runner-image/pool/log-drain.ts'
import { MAILBOX_BYTES } from '../../runner-image/realm/mailbox-layout.ts'
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
  run: (header: RunHeader, series: CandleSeries) => Promise<RealmRun>
} {
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  const context: TaskContext = {
    mailbox,
    takeRealm: (memoryBytes) => new EmptyRealm({ ivm: IsolatedVm, script, memoryBytes, mailbox }),
    spareRealms: () => {},
    retire: (realm) => realm.close(),
    usedBytes: () => 100_000_000,
  }
  return {
    context,
    plan: async (header) => runPlan(header, context),
    async run(header, series) {
      const { config, limits } = header
      const plan = await runPlan(header, context)
      const logs = drainLog(mailbox)
      const shared = shareSeries(series)
      const { interval, start, end } = config
      const window = resolveWindow({ interval, start, end, lookback: plan.lookback, series: [shared] })!
      const { from, to, firstInWindow } = loadedRows(shared, window, plan.lookback)
      const loaded = sliceSeries(shared, from, to)
      const task = {
        kind: 'unit',
        unit: 0,
        config,
        limits,
        plan,
        instrument: null,
        series: loaded,
        firstInWindow,
        window,
      } as const
      const { decisions } = runUnitTask(task, context)
      return { plan, decisions, rows: unpackDecisions(decisions), logs: [...logs, ...drainLog(mailbox)] }
    },
  }
}
