import { readFileSync } from 'node:fs'
import { explainRun } from '../../../src/backtest/explain.ts'
import { decodeRecords } from '../../../src/backtest/record-stream.ts'
import { loadedRows, resolveWindow } from '../../../src/backtest/window.ts'
import { sliceSeries } from '../../../src/candles/series.ts'
import type { RunHeader } from '../../../src/protocol/header.ts'
import { runExecuteTask } from '../../../runner-image/tasks/execute-task.ts'
import { runPlan } from '../../../runner-image/tasks/plan-task.ts'
import type { ExecuteTask, UnitTask } from '../../../runner-image/tasks/task.ts'
import { runUnitTask } from '../../../runner-image/tasks/unit-task.ts'
import { warmEngine } from '../../../runner-image/tasks/warm-engine.ts'
import { createTaskRunner } from '../../support/realm-run.ts'
import { readCandles } from './candle-columns.ts'
import type { PeerReport, PeerTrade } from './peer-report.ts'

/**
 * The strategy of the peers' bench as a cell plays it, in a process of its own: hotcell-run.ts REALM_SCRIPT HEADER CANDLES; prints a report.
 * The thread does what a cell's thread does for one job, as cold: it is warmed up and has an empty realm ready, plans the run, and then
 * come phase 1 in the realm and phase 2 with the members of the result document. The clock runs over both.
 */

const REALM_BYTES = 512 * 1_048_576

const [script, headerFile, candleFile] = process.argv.slice(2) as [string, string, string]
const header = JSON.parse(readFileSync(headerFile, 'utf8')) as RunHeader
const { config, limits } = header
const loaded = readCandles(candleFile, config.symbols[0]!)
const { context } = createTaskRunner(readFileSync(script, 'utf8'))
warmEngine(config)
const plan = await runPlan(header, context)
const spare = context.takeRealm(REALM_BYTES)
spare.rehearse()
const ready = { ...context, takeRealm: () => spare }

const { interval, start, end } = config
const { lookback } = plan
const window = resolveWindow({ interval, start, end, lookback, series: [loaded] })
if (window === null) throw new Error('Invariant: the window has bars')
const { from, to, firstInWindow } = loadedRows(loaded, window, lookback)
const series = [sliceSeries(loaded, from, to)]
const symbols = [{ index: 0, instrument: null, series: series[0]!, firstInWindow }]
const unit: UnitTask = { kind: 'unit', unit: 0, config, limits, plan, symbols, window }
const nothing = { marks: [null], funding: [null], detail: [null], instruments: [null] }

const before = process.threadCpuUsage()
const { decisions } = runUnitTask(unit, ready)
const task: ExecuteTask = { kind: 'execute', plan, config, limits, series, window, lookback, decisions, ...nothing }
const executed = runExecuteTask(task, ready)
const { user, system } = process.threadCpuUsage(before)
const { records } = JSON.parse(`{${executed.json}}`) as { records: string }
const explanation = explainRun({ config, series, window, records: decodeRecords(Buffer.from(records, 'base64')) })
const report: PeerReport = {
  cpuMs: (user + system) / 1000,
  versions: { node: process.versions.node },
  trades: explanation.trades.map((one): PeerTrade => [one.entryTime, one.exitTime, one.entryPrice, one.exitPrice]),
}
process.stdout.write(JSON.stringify(report))
