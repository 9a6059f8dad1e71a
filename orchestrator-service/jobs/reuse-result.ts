import { ENGINE } from '../../src/backtest/rule-set.ts'
import { PlatformError } from '../../src/errors.ts'
import type { Result } from '../../src/protocol/result.ts'
import type { RunOptions } from '../../src/protocol/run-config.ts'
import { cacheKeyOf } from '../../src/verification/fingerprint.ts'
import { createSha256 } from '../sha256.ts'
import { auditOfTaking } from './audit-job.ts'
import { loadArchived } from './collect-candles.ts'
import { endWithout } from './finish-job.ts'
import type { FinishedRun } from './finish-run.ts'
import { sayInLog } from './job-context.ts'
import { findPolicy } from './choose-policy.ts'
import { prepareData } from './prepare-data.ts'
import type { LiveAttempt } from './live-attempt.ts'

/**
 * Theory of operation. The cache key of X1 is over candles too, and which of them a run needs is known only inside a cell.
 * But the same code with the same configuration and instruments asks for the same: so the runs that the owner has completed
 * with this configuration say what it would be, the candles of now are cut by that and hashed, and where the key is that of
 * the run, its result stands for this job. A strategy that chose among its symbols is run again: it may have chosen by
 * instruments that are not in the key.
 */
const CANDIDATES = 5

/** The end of a job for which an earlier result can stand, if it may; null: it has to be run. @throws what the audit log says */
export async function reuseResult(live: LiveAttempt): Promise<FinishedRun | null> {
  const { context, job, request, signal } = live
  const { config, store, deps, audit, logs } = context
  if (!config.cache || !request.options.cache || job.verifies !== null || signal.aborted) return null
  for (const source of await store.completedLike(job.id, CANDIDATES)) {
    const result = await deps.runs.load(source).catch(absent)
    if (result === null || !isUsable(result, request.options) || !(await isSame(live, result))) continue
    await audit.require(auditOfTaking(context, job))
    await live.record({ type: 'reused', attempt: job.attempt, source })
    sayInLog(logs, job.id, `The result of run ${source}, which has the same inputs, stands for this one`)
    // What happened to the other job on its way is not what happened to this one
    const outcome = { ...result.outcome, message: 'Verified', attempt: job.attempt }
    return { ...endWithout(outcome, job.attempt), outcome, reused: source }
  }
  return null
}

/** A run whose files somebody removes just now. */
function absent(error: unknown): null {
  if (error instanceof PlatformError && error.code === 'unknown_run') return null
  throw error
}

/** Whether a result has all that is asked for, and says all that its cache key rests on. */
function isUsable(result: Result, wanted: RunOptions): boolean {
  const { outcome, inputs, window, config, dataQuality, proof, options, provenance } = result
  const isWhole = outcome.kind === 'ok' && inputs !== null && window !== null && provenance.engine === ENGINE
  const hasProof = proof !== null || !wanted.proof
  const hasBounds = options.bounds === 'rerun' || wanted.bounds === undefined
  return isWhole && hasProof && hasBounds && dataQuality.length === config.symbols.length
}

/** Whether the run has the cache key that this job would have. */
async function isSame({ context, request }: LiveAttempt, { window, inputs, config }: Result): Promise<boolean> {
  const { deps } = context
  const [archived, instruments] = await Promise.all([
    loadArchived(deps, request.config),
    deps.instruments.findAll(request.config.market, request.config.symbols),
  ])
  if (!archived.ok) return false
  const verification = deps.verifier.begin()
  try {
    const policy = findPolicy(deps, request.options)
    const known = { deps, request, policy, instruments, archived: archived.archived, verification }
    const asked = { type: 'accepted', lookback: window!.lookback, symbols: config.symbols, units: 0 } as const
    if (!prepareData(known, asked).ok) return false
    const own = cacheKeyOf(await verification.inputs(), ENGINE, createSha256)
    return own === cacheKeyOf(inputs!, ENGINE, createSha256)
  } finally {
    await verification.close()
  }
}
