import { resolveWindow } from '../../src/backtest/window.ts'
import { CANDLE_COLUMNS, type CandleSeries } from '../../src/candles/series.ts'
import type { RunHeader } from '../../src/protocol/header.ts'
import { DEFAULT_EXECUTION } from '../../src/protocol/profiles.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { MAILBOX_BYTES } from '../realm/mailbox-layout.ts'
import type { EmptyRealm } from '../empty-realm.ts'
import type { TaskContext } from './context.ts'
import { prepareFiles } from '../linking/prepare-files.ts'
import { runTask } from './run-task.ts'
import type { RunPlan, Task, UnitResult } from './task.ts'
import { sawtooth } from './warm-engine.ts'

/**
 * Theory of operation. A thread that waits for its job plays a small run of our own, from linking a file to the document,
 * so that everything which does not depend on a job is loaded and compiled when one comes. It has a mailbox and realms of
 * its own and keeps nothing, so no result depends on it. Between the steps the thread looks whether its job has come.
 */
const BARS = 512
const MEMORY_BYTES = 64 * 2 ** 20
/** Parsing is most of what a plan costs, and a fifth of it when its code is no longer interpreted. */
const PARSES = 6

const SOURCE = `import { BaseStrategy, TradeProposalBuilder } from 'hotcell'

interface Params { readonly fast: number; readonly slow: number }

const mean = (column: Float64Array, index: number, rows: number): number => {
  let sum = 0
  for (let i = index - rows + 1; i <= index; i++) sum += column[i]!
  return sum / rows
}

export default class Rehearsal extends BaseStrategy {
  static params = {
    fast: { type: 'integer', default: 5, minimum: 1, maximum: 100 },
    slow: { type: 'integer', default: 20, minimum: 2, maximum: 100 },
  }
  private wasAbove: boolean | null = null

  requiredLookback(): number {
    return (this.params as Params).slow
  }

  decide({ candles, index }: { candles: { close: Float64Array }; index: number }): object | null {
    const { fast, slow } = this.params as Params
    const [a, b] = [mean(candles.close, index, fast), mean(candles.close, index, slow)]
    const above = a ** 1 > b
    const crossed = this.wasAbove !== null && above !== this.wasAbove
    this.wasAbove = above
    if (typeof TradeProposalBuilder !== 'function' || !crossed) return null
    return { signal: above ? 'BUY' : 'SELL' }
  }
}
`

const CONFIG: RunConfig = {
  strategy: { module: 'rehearsal.ts', class: 'default', params: {} },
  files: [{ path: 'rehearsal.ts', source: SOURCE }],
  market: 'spot',
  symbols: ['WARM'],
  interval: '1m',
  start: null,
  end: null,
  initialCash: 10_000,
  fee: { builtin: 'percent', params: { maker: 0.001, taker: 0.001 } },
  slippage: { builtin: 'bps', params: { bps: 1 } },
  sizing: { builtin: 'percentOfEquity', params: { percent: 100 } },
  capacity: { builtin: 'maxPositions', params: { max: 1 } },
  risk: { builtin: 'none', params: {} },
  fill: 'worst',
  profile: 'hotcell/v1',
  endOfData: 'open',
  execution: DEFAULT_EXECUTION,
  data: { gaps: 'mark', maxSyntheticShare: 0.05, maxGapBars: 1440 },
  metrics: { periodsPerYear: null, riskFree: 0 },
  seed: '0',
  args: {},
}

const HEADER: RunHeader = {
  v: 1,
  mode: 'run',
  job: 'rehearsal',
  attempt: 1,
  config: CONFIG,
  instruments: [null],
  workers: 1,
  limits: {
    memoryBytes: MEMORY_BYTES,
    barTimeMs: 1000,
    loadTimeMs: 2000,
    logBytes: 65_536,
    resultBytes: 2 ** 20,
    checkpointBytes: 0,
    checkpointMs: 0,
    maxDecisions: 1000,
    maxDecisionsPerCall: 10,
  },
}

function onSharedMemory(series: CandleSeries): CandleSeries {
  const memory = new SharedArrayBuffer(series.rows * CANDLE_COLUMNS.length * 8)
  const columns = CANDLE_COLUMNS.map((name, i) => {
    const column = new Float64Array(memory, i * series.rows * 8, series.rows)
    column.set(series[name])
    return [name, column] as const
  })
  return { ...series, ...Object.fromEntries(columns) }
}

/** Plays the run; a turn of the event loop lies between its steps. Ends early once `isOver`. */
export async function rehearse(options: {
  makeRealm: (memoryBytes: number, mailbox: SharedArrayBuffer) => EmptyRealm
  isOver: () => boolean
}): Promise<void> {
  const mailbox = new SharedArrayBuffer(MAILBOX_BYTES)
  const context: TaskContext = {
    mailbox,
    takeRealm: () => options.makeRealm(MEMORY_BYTES, mailbox),
    spareRealms: () => {},
    retire: (realm) => realm.close(),
    proof: { units: new Map(), aggregation: null, answers: null },
    usedBytes: () => 0,
  }
  const { limits } = HEADER
  const series = onSharedMemory(sawtooth(BARS))
  const known = { config: CONFIG, limits }
  const turn = async (): Promise<boolean> => {
    await new Promise((resolve) => setImmediate(resolve))
    return !options.isOver()
  }
  // As tasks of a job come: objects out of a message, which have shapes of their own
  const perform = async (task: Task): Promise<unknown> => await runTask(structuredClone(task), context)
  const plan = (await perform({ kind: 'plan', header: HEADER })) as RunPlan
  for (let i = 0; i < PARSES; i += 1) {
    if (!(await turn())) return
    prepareFiles(CONFIG.files, 'rehearsal.ts')
  }
  const { lookback } = plan
  const window = resolveWindow({ interval: '1m', start: null, end: null, lookback, series: [series] })
  if (window === null || !(await turn())) return
  await perform({ kind: 'hash', series })
  const symbols = [{ index: 0, instrument: null, series, firstInWindow: lookback }]
  const unit = { kind: 'unit', unit: 0, plan, symbols, window } as const
  const { decisions } = (await perform({ ...known, ...unit })) as UnitResult
  if (!(await turn())) return
  const timeline = {
    series: [series],
    marks: [null],
    detail: [null],
    funding: [null],
    window,
    lookback,
    instruments: [null],
    decisions,
  }
  await perform({ ...known, kind: 'execute', plan, ...timeline })
  await turn()
}
