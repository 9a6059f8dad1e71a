import type { VerifyMessage } from '../../orchestrator-service/results/verify/verify-protocol.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import type { RunnerResult } from '../../src/protocol/runner-result.ts'
import { judgeClaim } from './judge-claim.ts'
import { encodeInput, makeHeader, useRunnerProgram, type RunnerEnd } from './runner-program.ts'
import { instrumentsOf } from './sample-perpetual.ts'

/** Runs of the tests of a file, from the frames of a cell to the host's verdict. */
export interface JudgedRuns {
  readonly play: (config: RunConfig) => Promise<RunnerEnd>
  /** Of a run that ends with a document. */
  readonly claimOf: (config: RunConfig) => Promise<RunnerResult>
  /** By the host's own replay, over the same candles. */
  readonly judge: (config: RunConfig, claim: RunnerResult) => VerifyMessage
}

/** Makes the program of the cell for the tests of a file; `candles`: of all symbols that their runs name. */
export function useJudgedRuns(...candles: readonly CandleSeries[]): JudgedRuns {
  const runRunner = useRunnerProgram()
  const seriesOf = ({ symbols }: RunConfig): CandleSeries[] =>
    symbols.map((name) => candles.find(({ symbol }) => symbol === name)!)
  const play = (config: RunConfig): Promise<RunnerEnd> =>
    runRunner(encodeInput(makeHeader(config, { instruments: instrumentsOf(config) }), seriesOf(config)))
  return {
    play,
    claimOf: async (config) => (await play(config)).result!,
    judge: (config, claim) =>
      judgeClaim(config, claim, { series: seriesOf(config), instruments: instrumentsOf(config) }).verdict,
  }
}
