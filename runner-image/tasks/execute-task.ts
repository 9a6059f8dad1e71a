import { encodeAnswerLog } from '../../src/backtest/answer-log.ts'
import { encodeDecisionLog } from '../../src/backtest/decision-codec.ts'
import { playTimeline, type TimelineInput, type TimelineOutput } from '../../src/backtest/play-timeline.ts'
import { slotOpen } from '../../src/candles/interval.ts'
import { PlatformError } from '../../src/errors.ts'
import { toBase64 } from '../../src/math/base64.ts'
import { dailySeries } from '../../src/performance/daily-series.ts'
import { hashRecordChunks } from '../../src/verification/compare-records.ts'
import { hashFloats } from '../../src/verification/hash-series.ts'
import { reasonOf } from '../../src/strategies/failures.ts'
import { claim } from '../claims.ts'
import { createNodeHasher } from '../node-hasher.ts'
import { MAILBOX_BAR_TIME, MAILBOX_ROW, MAILBOX_ROWS, MAILBOX_STATE, THREAD_STATES } from '../realm/mailbox-layout.ts'
import type { TaskContext } from './context.ts'
import { openUserCode, type OpenUserCode } from './user-code.ts'
import type { ExecuteResult, ExecuteTask } from './task.ts'

/** Raw bytes of the record stream that are sent whole (V2). */
const MAX_RECORD_BYTES = 8 * 1_048_576
/** Raw bytes of decisions and answers. */
const MAX_DECISION_BYTES = 36 * 1_048_576
/** Bytes of everything else. */
const MAX_REST_BYTES = 2 * 1_048_576

/** Phase 2 and the members of the result document that come from it. @throws ClaimedEnd */
export function runExecuteTask(task: ExecuteTask, context: TaskContext): ExecuteResult {
  const words = new Int32Array(context.mailbox, 0, 16)
  const barTimes = new Float64Array(context.mailbox, 0, 16)
  words[MAILBOX_STATE] = THREAD_STATES.computing
  const { config, window } = task
  words[MAILBOX_ROWS] = window.endSlot - window.firstSlot
  const started = performance.now()
  const user = openUserCode(task, context)
  const output = play(
    timelineOf(task, user, (done, total, barTime) => {
      words[MAILBOX_ROW] = done
      words[MAILBOX_ROWS] = total
      barTimes[MAILBOX_BAR_TIME] = barTime
    }),
    () => barTimes[MAILBOX_BAR_TIME]!,
  )
  const ms = performance.now() - started
  const answers = user.code.finish()
  user.close()
  words[MAILBOX_STATE] = THREAD_STATES.idle
  if (output.breach !== null) {
    throw claim({
      kind: 'platform_error',
      reason: 'invariant',
      message: output.breach,
      lastBarTime: slotOpen(config.interval, window.endSlot),
    })
  }
  if (output.tooManyOrders !== null) {
    throw claim({ kind: 'strategy_error', reason: 'too_many_orders', message: output.tooManyOrders })
  }
  const { records, recordCount, equity } = output
  const daily = dailySeries({ interval: config.interval, window, initialCash: config.initialCash, equity })
  const recordMembers =
    records.length <= MAX_RECORD_BYTES
      ? { records: toBase64(records) }
      : { recordHashes: hashRecordChunks(records, createNodeHasher) }
  const rest = {
    ...('recordHashes' in recordMembers ? recordMembers : {}),
    recordCount,
    equityHash: hashFloats(equity, createNodeHasher),
    dailyEquity: toBase64(new Uint8Array(daily.equity.buffer, daily.equity.byteOffset, daily.equity.byteLength)),
  }
  checkBudget('dailyEquity', JSON.stringify(rest).length, MAX_REST_BYTES)
  const encoded = encodeDecisionLog(output.decisions)
  const decisionJson = JSON.stringify(encoded)
  const answerJson = answers.ports.length === 0 ? '' : `,"answers":${JSON.stringify(encodeAnswerLog(answers))}`
  const part = answers.ports.length === 0 ? 'decisions' : 'decisions and answers'
  checkBudget(part, rawBytesOf(decisionJson.length + answerJson.length), MAX_DECISION_BYTES)
  const json = JSON.stringify({ ...recordMembers, ...rest }).slice(1, -1)
  return { ms, json: `${json},"decisions":${decisionJson}${answerJson}` }
}

/** What phase 2 is played from. Its one maker: code that was compiled for an input of another shape is thrown away. */
export function timelineOf(
  task: Omit<ExecuteTask, 'kind' | 'plan' | 'limits'>,
  { code, portfolio }: Pick<OpenUserCode, 'code' | 'portfolio'>,
  onProgress: NonNullable<TimelineInput['onProgress']>,
): TimelineInput {
  const { config, series, marks, funding, detail, window, lookback, instruments, decisions } = task
  const data = { config, series, marks, funding, detail, window, lookback, instruments, decisions }
  return { user: code, portfolio, ...data, onProgress }
}

/** `barTime`: the instant that user code was asked at last. */
function play(input: TimelineInput, barTime: () => number): TimelineOutput {
  try {
    return playTimeline(input)
  } catch (error) {
    const reason = error instanceof Error ? reasonOf(error) : undefined
    if (reason !== undefined) {
      const { message } = error as Error
      throw claim({ kind: 'strategy_error', reason, message, lastBarTime: barTime() })
    }
    if (!(error instanceof PlatformError)) throw error
    if (error.code === 'invalid_config') throw claim({ kind: 'invalid_config', message: error.message })
    throw claim({
      kind: 'platform_error',
      reason: error.code === 'invariant' ? 'invariant' : 'protocol',
      message: error.message,
    })
  }
}

/** Bytes behind base64 text. */
function rawBytesOf(characters: number): number {
  return Math.floor((characters * 3) / 4)
}

/** @throws ClaimedEnd limit_exceeded(output) naming the part that is too large */
export function checkBudget(part: string, bytes: number, budget: number): void {
  if (bytes <= budget) return
  throw claim({
    kind: 'limit_exceeded',
    reason: 'output',
    message: `Cannot return the result: its ${part} are ${bytes} bytes, at most ${budget} are allowed`,
    hint: 'Make fewer decisions, or run a shorter window or fewer symbols',
  })
}
