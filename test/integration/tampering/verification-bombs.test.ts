import { beforeAll, describe, it } from 'vitest'
import { outcomeOfVerdict } from '../../../orchestrator-service/jobs/run-outcome.ts'
import { provideVerifyProgram } from '../../../orchestrator-service/results/verify/verify-program.ts'
import type { VerifyTask } from '../../../orchestrator-service/results/verify/verify-task.ts'
import { hashTaskSeries } from '../../../orchestrator-service/results/verify/verify-run.ts'
import {
  createVerifier,
  VERIFY_DEADLINE,
  type Verifier,
} from '../../../orchestrator-service/results/verify/verifier.ts'
import { encodeDecisionLog, packDecisions } from '../../../src/backtest/decision-codec.ts'
import type { DecisionRow } from '../../../src/backtest/decision-log.ts'
import { resolveWindow } from '../../../src/backtest/window.ts'
import type { RunnerResult } from '../../../src/protocol/runner-result.ts'
import { makeWalk } from '../../support/sample-series.ts'
import { honestClaim } from '../../unit/rules/verification-fixture.ts'

/**
 * Results that make the host's own replay as long as they can: what a cell may claim is bounded by the caps of a run, and
 * this is close to the worst within them. Given to the verification as the service runs it but for a shorter deadline, without a cell.
 */
const BARS = 100_000
/** A quarter of what the service grants, which a fast machine might need for bombs of ten times the size. */
const DEADLINE = {
  baseMs: VERIFY_DEADLINE.baseMs / 4,
  msPerBar: VERIFY_DEADLINE.msPerBar / 4,
  msPerRow: VERIFY_DEADLINE.msPerRow / 4,
}
const HONEST = honestClaim()
const SERIES = makeWalk({ symbol: 'AAA', rows: BARS })

const TASK: VerifyTask = {
  ...HONEST.task,
  series: [SERIES],
  window: resolveWindow({ interval: '1h', start: null, end: null, lookback: 0, series: [SERIES] })!,
  config: {
    ...HONEST.task.config,
    initialCash: 1e12,
    execution: { ...HONEST.task.config.execution, onSame: 'add' },
    capacity: { builtin: 'unlimited', params: {} },
    sizing: { builtin: 'fixedQuantity', params: { quantity: 0.001 } },
  },
}

const row = (bar: number, sequence: number, more: Partial<DecisionRow>): DecisionRow => ({
  unit: 0,
  bar,
  symbol: 0,
  sequence,
  signal: 'BUY',
  ...more,
})
const atOnce = (count: number, more: Partial<DecisionRow>): DecisionRow[] =>
  Array.from({ length: count }, (_, sequence) => row(0, sequence, more))
/** A lot a bar whose stop and limit are both met in it: its two lines must be played, and with them all that waits. */
const AMBIGUOUS = Array.from({ length: BARS - 2 }, (_, i) => row(i + 1, 0, { slPct: 0.2, tpPct: 0.2 }))

function claimOf(rows: readonly DecisionRow[], more: Partial<RunnerResult> = {}): Uint8Array {
  const seriesHashes = hashTaskSeries(TASK).map(({ range: _range, ...series }) => series)
  const decisions = encodeDecisionLog(packDecisions(rows))
  return Buffer.from(JSON.stringify({ ...HONEST.claim, seriesHashes, decisions, records: '', ...more }))
}

describe('a result that is to keep the host busy', () => {
  let verifier: Verifier
  beforeAll(async () => {
    verifier = createVerifier(await provideVerifyProgram(), DEADLINE)
  })

  const verify = async (document: Uint8Array) => {
    const verification = verifier.begin()
    verification.prepare(TASK)
    await verification.inputs()
    const begun = performance.now()
    const verdict = await verification.verify(document)
    return { outcome: outcomeOfVerdict(verdict, 'run'), ms: performance.now() - begun }
  }

  it.for([
    ['hundreds of lots with brackets, and an ambiguous bar after the other', { slPct: 99, tpPct: 9000 }, 490],
    ['hundreds of trailing stops', { trailPct: 99 }, 900],
    ['hundreds of resting orders', { entryType: 'limit', entryPrice: 0.001 }, 900],
  ] as const)('ends at its deadline as limit_exceeded(verification): %s', async ([, waiting, count], { expect }) => {
    const rows = [...atOnce(count, waiting), ...AMBIGUOUS]
    const deadlineMs = DEADLINE.baseMs + DEADLINE.msPerBar * BARS + DEADLINE.msPerRow * rows.length

    const { outcome, ms } = await verify(claimOf(rows))

    expect(outcome).toMatchObject({ kind: 'limit_exceeded', reason: 'verification' })
    expect(outcome.message).toContain('did not end within')
    expect(ms).toBeLessThan(deadlineMs + 5000)
  })

  it.for([
    ['a record count beyond all', { recordCount: 2 ** 40 }, 'tampered(replay)'],
    [
      'a hundred thousand chunks',
      { records: undefined, recordHashes: Array(100_000).fill('0'.repeat(64)) },
      'tampered(replay)',
    ],
    [
      'an equity that is infinite',
      { dailyEquity: Buffer.from(new Float64Array(4000).fill(Infinity).buffer).toString('base64') },
      'tampered(replay)',
    ],
    [
      'three million answers that nobody asked for',
      {
        answers: {
          ports: [
            {
              port: 'sizing',
              calls: 3_000_000,
              hashes: Array(733).fill('0'.repeat(64)),
              rows: 3_000_000,
              call: Buffer.from(Uint32Array.from({ length: 3_000_000 }, (_, i) => i).buffer).toString('base64'),
              number: Buffer.alloc(24_000_000).toString('base64'),
              text: '',
            },
          ],
          strings: [],
        },
      },
      'tampered(replay)',
    ],
  ] as const)('ends at once where there is nothing to compute: %s', async ([, more, expected], { expect }) => {
    const { outcome, ms } = await verify(claimOf(AMBIGUOUS.slice(0, 1000), more as Partial<RunnerResult>))

    expect(`${outcome.kind}(${outcome.reason})`, outcome.message).toBe(expected)
    expect(ms).toBeLessThan(10_000)
  })
})
