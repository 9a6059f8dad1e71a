import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../../orchestrator-service/app.ts'
import type { RunDeps } from '../../orchestrator-service/deps.ts'
import { runBacktest, type RunEnd } from '../../orchestrator-service/jobs/run-backtest.ts'
import type { Cell } from '../../orchestrator-service/sandbox/cell-handle.ts'
import type { SandboxPolicy } from '../../orchestrator-service/sandbox/policy.ts'
import { parseConfig } from '../../src/protocol/parse-config.ts'
import { realShapedCandles } from '../bench/candles.ts'
import { CALM, writeAttackCandles } from './attack-candles.ts'
import { type CellBench, openCellBench } from './cells.ts'
import { openTestApp } from './service.ts'
import { testPolicies } from './test-runtime.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** What the items of the smoke set run in: the product's whole pipeline, and cells with a program of the test's choice. */
export interface SmokeBench extends AsyncDisposable {
  readonly cells: CellBench
  readonly submit: (raw: object, options?: SubmitOptions) => Promise<RunEnd>
  /** Waits until a started cell of policy `default` waits for a job. */
  readonly untilWarm: () => Promise<void>
  readonly warmHits: () => number
}

export interface SubmitOptions {
  readonly policy?: 'default' | 'trusted'
  readonly limits?: Partial<SandboxPolicy>
  /** Called with the cell when it has attested. */
  readonly onCell?: (cell: Cell) => Promise<void>
  readonly signal?: AbortSignal
}

/** Symbols with candles of one minute, beside the one of the attacks with candles of one hour. */
export const MINUTES = ['LONGUSDT', 'WIDEUSDT'] as const
const MINUTE_BARS = 60_000

export async function openSmokeBench(): Promise<SmokeBench> {
  const directory = temporaryDirectory()
  const app = await openTestApp(directory.path, { warmCells: '1', policies: testPolicies() })
  const cells = openCellBench()
  await writeAttackCandles(app.archive, CALM)
  for (const symbol of MINUTES) await app.archive.write('spot', realShapedCandles(symbol, MINUTE_BARS))
  return {
    cells,
    submit: (raw, options = {}) => submit(app, raw, options),
    async untilWarm() {
      const policy = app.deps.policies.get('default')!
      const { ref: image } = await app.deps.image()
      app.deps.pool.start({ isBusy: () => false, usual: { policy, image } })
      while (app.deps.pool.metrics().idle === 0) await sleep(50)
    },
    warmHits: () => app.deps.pool.metrics().hits,
    async [Symbol.asyncDispose]() {
      await cells[Symbol.asyncDispose]()
      await app[Symbol.asyncDispose]()
      directory[Symbol.dispose]()
    },
  }
}

async function submit(app: App, raw: object, choice: SubmitOptions): Promise<RunEnd> {
  const { policy = 'default', limits, onCell, signal } = choice
  const { config, options } = parseConfig({ ...raw, options: { policy } })
  const { policies } = app.deps
  const changed = limits === undefined ? policies : new Map([[policy, { ...policies.get(policy)!, ...limits }]])
  const deps: RunDeps = { ...app.deps, policies: changed }
  return await runBacktest(deps, {
    job: 'smoke',
    mode: 'run',
    config,
    options,
    ...(signal === undefined ? {} : { signal }),
    onCell: async (cell) => {
      await onCell?.(cell)
    },
  })
}
