import { hashTaskSeries, verifyDocument } from '../../orchestrator-service/results/verify/verify-run.ts'
import type { RunAnalysis } from '../../orchestrator-service/results/analyse-run.ts'
import type { VerifyMessage } from '../../orchestrator-service/results/verify/verify-protocol.ts'
import type { VerifyTask } from '../../orchestrator-service/results/verify/verify-task.ts'
import { resolveWindow } from '../../src/backtest/window.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { Instrument } from '../../src/instruments/instrument.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { RunnerResult } from '../../src/protocol/runner-result.ts'

/** The host's verdict about a claim, computed by its own replay. */
export function judgeClaim(
  config: RunConfig,
  claim: RunnerResult,
  {
    series,
    instruments,
    detail,
    ...asked
  }: {
    series: readonly CandleSeries[]
    instruments: readonly (Instrument | null)[]
    detail?: readonly CandleSeries[]
  } & Pick<VerifyTask, 'bounds'>,
): { verdict: VerifyMessage<RunAnalysis>; task: VerifyTask } {
  const lookback = claim.lookback!
  const window = resolveWindow({ ...config, lookback, series })!
  const none = series.map(() => null)
  const data = { series, marks: none, funding: none, detail: detail ?? none, benchmark: null, instruments }
  const task: VerifyTask = { config, ...data, ...asked, window, lookback, symbols: config.symbols, proof: false }
  const prepared = { task, hashes: hashTaskSeries(task) }
  return { verdict: verifyDocument(Buffer.from(JSON.stringify(claim)), prepared, () => {}), task }
}
