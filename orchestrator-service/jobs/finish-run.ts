import { buildResult } from '../results/build-result.ts'
import { buildReport } from '../results/report/build-report.ts'
import type { RunStore } from '../results/run-store.ts'
import type { Result } from '../../src/protocol/result.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { RetryCause } from './job-state.ts'
import type { RunEnd } from './run-backtest.ts'

/** Timings in ms: moments of the host's stopwatch, and what the cell says of its phases. */
function timingsOf(end: FinishedRun): Record<string, number> {
  const claimed = end.verdict?.type === 'verified' ? end.verdict.claims.timings : null
  const cell =
    claimed === null ? {} : { cellLoad: claimed.loadMs, cellDecide: claimed.decideMs, cellExecute: claimed.executeMs }
  return { ...end.timings, ...cell }
}

function evidenceOf(end: FinishedRun): Record<string, unknown> | null {
  const stderr = end.exit?.stderr
  const streams =
    stderr === undefined
      ? {}
      : {
          stderr: {
            bytes: stderr.bytes,
            droppedBytes: stderr.droppedBytes,
            sha256: stderr.sha256,
            malformedLines: stderr.malformedLines,
            droppedLogs: stderr.droppedLogs,
          },
        }
  if (end.verdict?.type === 'tampered') {
    const { difference, claimed, recomputed } = end.verdict
    return { ...streams, difference, claimed, recomputed }
  }
  return end.outcome.kind === 'ok' || stderr === undefined ? null : streams
}

/** What the result of a run is made of. */
export type FinishedRun = Omit<RunEnd, 'policy' | 'instruments' | 'inspection'> & {
  /** Of an end that is an error of the host. */
  readonly retryCause?: RetryCause
  /** Run whose result stands for this one; left out: it has its own. */
  readonly reused?: string
}

/** Why a run that ended as platform_error(infra) came to nothing, as far as itself shows. */
export function retryCauseOf({ retryCause, exit }: FinishedRun): RetryCause {
  return retryCause ?? (exit === null || exit.engine === 'kept' ? 'infra' : 'engine')
}

/** The Result of a run that has ended, stored with its tables and report; its log was written while it ran. */
export async function finishRun(
  runs: RunStore,
  options: { id: string; config: RunConfig; options: RunOptions; end: FinishedRun; createdAt: string },
): Promise<Result> {
  const { id, config, end } = options
  if (end.reused !== undefined && end.outcome.kind === 'ok')
    return await runs.copy(end.reused, id, { options: options.options, outcome: end.outcome })
  const verified = end.verdict?.type === 'verified' && end.outcome.kind === 'ok' ? end.verdict : null
  const { data } = end
  const result = buildResult({
    id,
    config,
    options: options.options,
    outcome: end.outcome,
    data,
    verified:
      verified === null
        ? null
        : {
            analysis: verified.run.analysis,
            fingerprint: verified.run.fingerprint,
            inputs: verified.run.inputs,
            outcomeHash: verified.run.outcome,
            ambiguity: verified.run.ambiguity.bars,
            ambiguityCount: verified.run.ambiguity.count,
            ambiguityDifference: verified.run.ambiguity.difference,
            crossAmbiguous: verified.run.ambiguity.crossAmbiguous,
            askedPorts: verified.run.askedPorts,
            variants: verified.run.variants,
          },
    proof: end.proof,
    provenance: {
      createdAt: options.createdAt,
      image: end.image,
      node: end.attestation?.node ?? 'unknown',
      arch: end.attestation?.arch ?? 'unknown',
      units: verified?.claims.timings?.units ?? [],
      ...(end.resumedUnits === 0 ? {} : { resumedUnits: end.resumedUnits }),
      timings: timingsOf(end),
    },
    evidence: evidenceOf(end),
  })
  const analysis = verified?.run.analysis ?? null
  const report =
    analysis === null || data === null
      ? null
      : buildReport({
          result,
          equity: { time: analysis.time, equity: analysis.equity, benchmark: analysis.benchmark.equity },
          candles: data.series,
          ...analysis.shown,
        })
  await runs.save(id, { result, analysis, ...(report === null ? {} : { report }) })
  return result
}
