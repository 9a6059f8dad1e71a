import { decodeAnswerLog, NO_ANSWERS } from '../../../src/backtest/answer-log.ts'
import { decodeDecisionLog } from '../../../src/backtest/decision-codec.ts'
import type { DecisionLog } from '../../../src/backtest/decision-log.ts'
import { playTimeline } from '../../../src/backtest/play-timeline.ts'
import { ENGINE, RULE_SET } from '../../../src/backtest/rule-set.ts'
import { AnswerMismatch, replayUserCode } from '../../../src/backtest/user-port.ts'
import { PlatformError } from '../../../src/errors.ts'
import { fromBase64 } from '../../../src/math/base64.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import {
  findChunkDifference,
  findRecordDifference,
  type RecordDifference,
} from '../../../src/verification/compare-records.ts'
import {
  decodeOne,
  describeDifference,
  nameEquityDifference,
  nameRecordDifference,
  type RunNames,
} from '../../../src/verification/name-difference.ts'
import { fingerprintOf, hashInputs, hashOutcome } from '../../../src/verification/fingerprint.ts'
import { describeBenchmark, describeSeries, type SeriesIdentity } from '../../../src/verification/describe-series.ts'
import { noteQuestions, type Question } from '../../../src/verification/questions.ts'
import { hashSeries } from '../../../src/verification/hash-series.ts'
import { reasonOf } from '../../../src/strategies/failures.ts'
import { createSha256 } from '../../sha256.ts'
import { analyseRun, type RunAnalysis } from '../analyse-run.ts'
import { countVariants, playVariants } from './play-variants.ts'
import { noteCalls } from './note-calls.ts'
import { planProof } from './plan-proof.ts'
import { parseRunnerResult } from './parse-runner-result.ts'
import { findContradiction } from './resumed-units.ts'
import type { Claims, ResumedUnits, VerifiedRun, VerifyMessage } from './verify-protocol.ts'
import type { VerifyTask } from './verify-task.ts'

const MAX_ROWS = 1_000_000

/** Marks that a message ends the verification. */
type Final = Exclude<VerifyMessage<RunAnalysis>, { type: 'rows' | 'inputs' }>

/** Names and hashes of all series of a run; the part of the work that does not need the cell's answer. */
export function hashTaskSeries(task: VerifyTask): SeriesIdentity[] {
  const hashes = task.series.map((series) => hashSeries(series, createSha256))
  return describeSeries({ ...task, hashes }, createSha256)
}

/** Hash of everything that decides what a run means (X1). */
export function hashTaskInputs(
  { config, benchmark, instruments }: Pick<VerifyTask, 'config' | 'benchmark' | 'instruments'>,
  hashes: readonly SeriesIdentity[],
): string {
  const series = benchmark === null ? hashes : [...hashes, describeBenchmark(benchmark, createSha256)]
  return hashInputs({ config, ruleSet: RULE_SET, series, instruments, createHasher: createSha256 })
}

/** What is known of a run before its cell answers. */
export interface PreparedRun {
  readonly task: VerifyTask
  /** hashTaskSeries of the task. */
  readonly hashes: readonly SeriesIdentity[]
  /** hashTaskInputs of it; left out: made when it is needed. */
  readonly inputs?: string
  /** Left out: the cell began anew. */
  readonly resumed?: ResumedUnits
}

const NOTHING_TO_SHOW = { difference: null, claimed: null, recomputed: null } as const

const failed = (kind: 'protocol' | 'mismatch' | 'invariant' | 'infra', message: string): Final => ({
  type: 'failed',
  kind,
  message,
})

/** Inputs and rules first (V2): a difference there is never called tampering. */
function checkInputs(result: RunnerResult, task: VerifyTask, hashes: readonly SeriesIdentity[]): Final | null {
  if (result.ruleSet !== RULE_SET)
    return failed('protocol', `The cell computed under the rules "${result.ruleSet}", expected "${RULE_SET}"`)
  if (result.engine !== ENGINE)
    return failed('protocol', `The cell computed with the engine "${result.engine}", expected "${ENGINE}"`)
  if (result.lookback !== task.lookback) return failed('protocol', 'The cell changed its lookback during the run')
  if (result.symbols === undefined || result.symbols.join('\n') !== task.symbols.join('\n'))
    return failed('protocol', 'The cell changed its symbols during the run')
  const claimed = result.seriesHashes ?? []
  for (const [index, series] of hashes.entries()) {
    const entry = claimed[index]
    const same =
      entry !== undefined &&
      entry.symbol === series.symbol &&
      entry.interval === series.interval &&
      entry.kind === series.kind &&
      entry.rows === series.rows &&
      entry.sha256 === series.sha256
    const what = { base: 'candles', mark: 'mark candles', funding: 'funding rows', detail: 'detail candles' }[
      series.kind
    ]
    if (!same) return failed('mismatch', `The cell computed on other ${what} of ${series.symbol} than it was sent`)
  }
  return claimed.length === hashes.length ? null : failed('mismatch', 'The cell names more series than it was sent')
}

function tampered(
  difference: RecordDifference,
  streams: { readonly claimed: Uint8Array | null; readonly recomputed: Uint8Array },
  task: VerifyTask,
): Final {
  const named = nameRecordDifference(difference, streams, namesOf(task))
  const { index, unit } = difference
  const place = unit === 'record' ? `record ${index}` : `the chunk that begins at record ${index}`
  return {
    type: 'tampered',
    message: `The claimed result differs from the replay at ${place}, ${describeDifference(named, isoTime)}`,
    difference: named,
    claimed: decodeOne(difference.claimed),
    recomputed: decodeOne(difference.recomputed),
  }
}

function namesOf({ symbols, config, window }: VerifyTask): RunNames {
  return { symbols, interval: config.interval, window }
}

function isoTime(time: number): string {
  return new Date(time).toISOString()
}

function compareRecords(result: RunnerResult, recomputed: Uint8Array, task: VerifyTask): Final | null {
  if (result.records !== undefined) {
    const claimed = fromBase64(result.records)
    if (claimed === null) return failed('protocol', 'The claimed records are not base64')
    const difference = findRecordDifference(claimed, recomputed)
    return difference === null ? null : tampered(difference, { claimed, recomputed }, task)
  }
  const difference = findChunkDifference(result.recordHashes ?? [], recomputed, createSha256)
  return difference === null ? null : tampered(difference, { claimed: null, recomputed }, task)
}

function compareEquity(result: RunnerResult, equity: Float64Array, task: VerifyTask): Final | null {
  const hasher = createSha256()
  hasher.update(new Uint8Array(equity.buffer, equity.byteOffset, equity.byteLength))
  const { interval, initialCash } = task.config
  const daily = result.dailyEquity === undefined ? undefined : readFloats(result.dailyEquity)
  if (daily === null) return failed('protocol', 'The claimed daily equity is not base64 of whole Float64 values')
  const named =
    daily === undefined ? null : nameEquityDifference(daily, { interval, window: task.window, initialCash, equity })
  if (hasher.digestHex() === result.equityHash && named === null) return null
  const place = named === null ? '' : `: ${describeDifference(named, isoTime)}`
  return {
    type: 'tampered',
    message: `The claimed equity differs from the replay although the records agree${place}`,
    difference: named,
    claimed: null,
    recomputed: null,
  }
}

/** Float64 values of a base64 text, or null if it does not hold whole ones. */
function readFloats(text: string): Float64Array | null {
  const bytes = fromBase64(text)
  return bytes === null || bytes.length % 8 !== 0 ? null : new Float64Array(bytes.buffer, 0, bytes.length / 8)
}

function replay(result: RunnerResult, prepared: PreparedRun, post: (message: VerifyMessage) => void): Final {
  const { task, hashes, resumed } = prepared
  if (result.decisions === undefined) return failed('protocol', 'The result document lacks its decisions')
  const decisions = decodeDecisionLog(result.decisions, {
    maxRows: MAX_ROWS,
    units: task.symbols.length,
    symbols: task.symbols.length,
  })
  const contradiction = resumed === undefined ? null : findContradiction(decisions, resumed)
  if (contradiction !== null)
    return { type: 'tampered', reason: 'checkpoint', message: contradiction, ...NOTHING_TO_SHOW }
  const answers = result.answers === undefined ? NO_ANSWERS : decodeAnswerLog(result.answers)
  const askedPorts = answers.ports.map(({ port }) => port)
  const rows = answers.ports.reduce((sum, { call }) => sum + call.length, decisions.rows)
  const isProvedPortfolio = task.proof && task.isPortfolio === true
  post({ type: 'rows', rows: rows * (1 + countVariants(task, askedPorts) + (isProvedPortfolio ? 1 : 0)) })
  const replayed = replayUserCode(answers, createSha256)
  const noted = task.proof && !task.isPortfolio ? noteQuestions(replayed) : null
  const user = noted?.user ?? replayed
  const { series, marks, funding, detail, window, lookback, instruments } = task
  const config = { ...task.config, symbols: task.symbols }
  const input = { config, series, marks, funding, detail, window, lookback, instruments }
  const refusalTexts = new Map<number, string>()
  const onRefusalText = (record: number, text: string): void => void refusalTexts.set(record, text)
  const played = playTimeline({ ...input, decisions, user, onRefusalText })
  user.finish()
  if (played.breach !== null) return failed('invariant', played.breach)
  if (played.tooManyOrders !== null) return { type: 'too_many_orders', message: played.tooManyOrders }
  const difference = compareRecords(result, played.records, task) ?? compareEquity(result, played.equity, task)
  if (difference !== null) return difference
  const { records, equity } = played
  const { benchmark } = task
  const inputs = prepared.inputs ?? hashTaskInputs(task, hashes)
  const outcome = hashOutcome({ records, equity, answers, createHasher: createSha256 })
  const verifiedAt = cpuMs()
  const known = { config, window, series, detail, instruments, benchmark, refusalTexts }
  const analysis = analyseRun({ ...known, records, equity, createHasher: createSha256 })
  return {
    type: 'verified',
    run: {
      decisions: decisions.rows,
      askedPorts,
      variants: playVariants(task, decisions, askedPorts),
      inputs,
      outcome,
      fingerprint: fingerprintOf(inputs, outcome, createSha256),
      ambiguity: {
        bars: played.ambiguity,
        count: played.ambiguityCount,
        difference: played.ambiguityDifference,
        crossAmbiguous: played.crossAmbiguous,
      },
      analysis,
      proof: planOf(isProvedPortfolio ? noteCalls(input, decisions, answers) : noted?.all(), decisions, task),
      cpu: { verifyMs: verifiedAt, analyseMs: cpuMs() - verifiedAt },
    },
    claims: claimsOf(result),
  }
}

/** Undefined: nothing was noted, no proof is to follow. */
function planOf(
  questions: readonly Question[] | null | undefined,
  decisions: DecisionLog,
  task: VerifyTask,
): VerifiedRun['proof'] {
  if (questions === undefined) return null
  return questions === null ? 'too_large' : planProof(decisions, questions, task)
}

/** CPU time of this thread so far, ms. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function claimsOf(result: RunnerResult): Claims {
  return { usage: result.usage, timings: result.timings ?? null }
}

/**
 * The cell's document against what the host computes itself from the decision log, its own candles and the same rules (V2).
 */
export function verifyDocument(
  document: Uint8Array,
  prepared: PreparedRun | null,
  post: (message: VerifyMessage) => void,
): Final {
  const parsed = parseRunnerResult(document)
  if (!parsed.ok) return failed('protocol', parsed.message)
  const { result } = parsed
  if (result.outcome.kind !== 'ok' || result.inspection !== undefined) {
    return { type: 'claimed', outcome: result.outcome, inspection: result.inspection ?? null, claims: claimsOf(result) }
  }
  if (prepared === null) return failed('protocol', 'The cell claims a result before it was given any candles')
  const { task, hashes } = prepared
  try {
    return checkInputs(result, task, hashes) ?? replay(result, prepared, post)
  } catch (error) {
    const isForged = error instanceof AnswerMismatch || (error instanceof Error && reasonOf(error) !== undefined)
    if (isForged) {
      const message = `The claimed answers of user code differ from the replay: ${error.message}`
      return { type: 'tampered', message, ...NOTHING_TO_SHOW }
    }
    if (error instanceof PlatformError && error.code === 'protocol') return failed('protocol', error.message)
    throw error
  }
}
