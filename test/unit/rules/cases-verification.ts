import { createSha256 } from '../../../orchestrator-service/sha256.ts'
import { decodeDecisionLog, encodeDecisionLog, packDecisions } from '../../../src/backtest/decision-codec.ts'
import { explainRun } from '../../../src/backtest/explain.ts'
import type { EngineRecord } from '../../../src/backtest/records.ts'
import { RECORD_BYTES } from '../../../src/backtest/records.ts'
import { parseConfig } from '../../../src/protocol/parse-config.ts'
import { findRecordDifference } from '../../../src/verification/compare-records.ts'
import { fingerprintOf, hashInputs } from '../../../src/verification/fingerprint.ts'
import { describeSeries } from '../../../src/verification/describe-series.ts'
import { hashSeries } from '../../../src/verification/hash-series.ts'
import { timelineInput } from '../../support/timeline-input.ts'
import { flat, runOf, tau, type RuleCase } from './rule-case.ts'
import { honestClaim, resultOf, verdictOf } from './verification-fixture.ts'

function explainedFills(
  play: (input: ReturnType<typeof runOf>) => { records: unknown[] },
  input: ReturnType<typeof runOf>,
) {
  const { config, series, window } = timelineInput(input, { interval: '1h', lookback: 0 })
  return explainRun({ records: play(input).records as EngineRecord[], config, series, window }).fills
}

function inputsOf(input: ReturnType<typeof runOf>, change: object = {}): string {
  const { config, series, instruments } = timelineInput(input, { interval: '1h', lookback: 0 })
  return hashInputs({
    config: { ...config, ...change },
    ruleSet: 'rules',
    series: describeSeries(
      { series, marks: [], funding: [], detail: [], hashes: series.map((s) => hashSeries(s, createSha256)) },
      createSha256,
    ),
    instruments,
    createHasher: createSha256,
  })
}

/** F12, V and X: what a result says of itself and how it is checked. */
export const VERIFICATION_CASES: RuleCase[] = [
  {
    rule: 'F12',
    title: 'a fill says by which rule, in which bar, at which gross price and slippage it was priced',
    negative: false,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), [20, 25, 15, 22]],
        bps: 50,
        fee: { maker: 0, taker: 0.001 },
        decisions: [{ bar: 0, signal: 'BUY' }],
      })

      const [fill] = explainedFills(play, input)

      const price = 20 * (1 + 50 / 10_000)
      expect(fill!.why).toEqual({
        rule: 'F1',
        barTime: tau(1),
        open: 20,
        high: 25,
        low: 15,
        close: 22,
        policy: 'worst',
        path: 'none',
        gross: 20,
        slippage: price - 20,
        fee: price * 0.001,
        liquidity: 'taker',
      })
    },
  },
  {
    rule: 'F12',
    title: 'a maker fill on a path shows no slippage and the line that was booked',
    negative: true,
    run({ expect, play }) {
      const input = runOf({
        bars: [flat(10), flat(10), [10, 13, 8, 11]],
        bps: 50,
        decisions: [{ bar: 0, signal: 'BUY', entryPrice: 9 }],
      })

      // Both lines end with one unit bought at 9: equal without a lot before, so O-L-H-C.
      const [fill] = explainedFills(play, input)
      expect(fill!.why).toMatchObject({
        rule: 'F2',
        barTime: tau(2),
        path: 'O-L-H-C',
        gross: 9,
        slippage: 0,
        liquidity: 'maker',
      })
    },
  },
  {
    rule: 'V1',
    title: 'the decision log has columns only for the fields that some row sets, enums as bytes, texts by index',
    negative: false,
    run({ expect }) {
      const row = { unit: 0, symbol: 0, sequence: 0, signal: 'BUY' } as const

      const log = packDecisions([
        { ...row, bar: 1, tpPct: 2, strategyName: 'a' },
        { ...row, bar: 2, intent: 'close' },
        { ...row, bar: 3, strategyName: 'a' },
      ])

      expect([...log.numbers]).toEqual([['tpPct', Float64Array.of(2, Number.NaN, Number.NaN)]])
      expect([...log.enums]).toEqual([['intent', Uint8Array.of(0, 2, 0)]])
      expect([...log.texts]).toEqual([['strategyName', Uint32Array.of(1, 0, 1)]])
      expect(log.strings).toEqual(['a'])
    },
  },
  {
    rule: 'V1',
    title: 'a log whose columns do not have the length of its rows, or values of no order, is not read',
    negative: true,
    run({ expect }) {
      const row = { unit: 0, symbol: 0, bar: 1, sequence: 0, signal: 'BUY', size: 3 } as const
      const document = encodeDecisionLog(packDecisions([row]))
      const size = Buffer.from(Float64Array.of(-3).buffer).toString('base64')

      expect(decodeDecisionLog(document).rows).toBe(1)
      expect(() => decodeDecisionLog({ ...document, rows: 2 })).toThrow(/expected/)
      expect(() => decodeDecisionLog({ ...document, fields: [{ name: 'size', bytes: size }] })).toThrow(/-3/)
    },
  },
  {
    rule: 'V2',
    title: 'a claim that the replay reproduces byte for byte is verified',
    negative: false,
    run({ expect }) {
      const { task, hashes, claim } = honestClaim()

      expect(verdictOf(claim, { task, hashes })).toMatchObject({ type: 'verified' })
    },
  },
  {
    rule: 'V2',
    title: 'a changed record is tampering and the first one is named',
    negative: true,
    run({ expect }) {
      const { task, hashes, claim, records } = honestClaim()
      const better = Uint8Array.from(records)
      // Records: admit, fill, close, fill. The price of the sale (offset 48 of record 3) from 12 to 13.
      new DataView(better.buffer).setFloat64(3 * RECORD_BYTES + 48, 13, true)

      const verdict = verdictOf({ ...claim, records: Buffer.from(better).toString('base64') }, { task, hashes })

      expect(findRecordDifference(better, records)).toMatchObject({ index: 3, unit: 'record' })
      expect(verdict).toMatchObject({
        type: 'tampered',
        message: expect.stringContaining('record 3'),
        claimed: { price: 13 },
        recomputed: { price: 12 },
      })
    },
  },
  {
    rule: 'V2',
    title: 'other candles or other rules are never called tampering',
    negative: true,
    run({ expect }) {
      const { task, hashes, claim } = honestClaim()
      const [series] = claim.seriesHashes!

      const candles = verdictOf({ ...claim, seriesHashes: [{ ...series!, sha256: '0'.repeat(64) }] }, { task, hashes })
      const rules = verdictOf({ ...claim, ruleSet: 'other' }, { task, hashes })

      expect(candles).toMatchObject({ type: 'failed', kind: 'mismatch' })
      expect(rules).toMatchObject({ type: 'failed', kind: 'protocol' })
    },
  },
  {
    rule: 'V3',
    title: 'of a verified run everything is recomputed but the decisions, which stay claimed',
    negative: false,
    run({ expect }) {
      const { task, hashes, claim } = honestClaim()
      const verdict = verdictOf(claim, { task, hashes })
      if (verdict.type !== 'verified') throw new Error(verdict.type)
      const { analysis, fingerprint, inputs, outcome } = verdict.run

      const result = resultOf(task, {
        analysis,
        fingerprint,
        inputs,
        outcomeHash: outcome,
        ...ambiguityOf(verdict.run),
      })

      expect(result.trust).toEqual({
        decisions: 'claimed',
        fees: 'recomputed',
        slippage: 'recomputed',
        sizing: 'recomputed',
        capacity: 'recomputed',
        fills: 'recomputed',
      })
      // The figures are the host's: 1000 - 2 * 10 + 2 * 12.
      expect(result.summary!.finalEquity).toBe(1000 - 2 * 10 + 2 * 12)
    },
  },
  {
    rule: 'V3',
    title: 'a run that was not verified is trusted in nothing and has neither figures nor a fingerprint',
    negative: true,
    run({ expect }) {
      const { task } = honestClaim()

      expect(resultOf(task, null)).toMatchObject({ trust: null, summary: null, fingerprint: null, fills: null })
    },
  },
  {
    rule: 'X1',
    title: 'equal inputs give equal hashes, and the fingerprint binds inputs to outcome',
    negative: false,
    run({ expect }) {
      const sketch = { bars: [flat(10), flat(10)], decisions: [] }

      expect(inputsOf(runOf(sketch))).toBe(inputsOf(runOf(sketch)))
      expect(fingerprintOf('a', 'bc', createSha256)).toBe(fingerprintOf('a', 'bc', createSha256))
      // Length-prefixed: the same letters cut at another place are other parts.
      expect(fingerprintOf('a', 'bc', createSha256)).not.toBe(fingerprintOf('ab', 'c', createSha256))
    },
  },
  {
    rule: 'X1',
    title: 'another candle, seed, source or cash is another input',
    negative: true,
    run({ expect }) {
      const input = runOf({ bars: [flat(10), flat(10)], decisions: [] })
      const files = [{ path: 'main.ts', source: 'export default 1' }]

      const hashes = [
        inputsOf(input),
        inputsOf(runOf({ bars: [flat(10), flat(10.1)], decisions: [] })),
        inputsOf(input, { seed: '1' }),
        inputsOf(input, { files }),
        inputsOf(input, { initialCash: 1001 }),
      ]

      expect(new Set(hashes).size).toBe(5)
    },
  },
  {
    rule: 'X1',
    title: 'a profile is another input, also where its settings are written out under another name',
    negative: true,
    run({ expect }) {
      const input = runOf({ bars: [flat(10), flat(10)], decisions: [] })
      const base = { strategy: { builtin: 'BuyAndHold' }, symbols: ['AAA'], interval: '1h' }
      const hashOf = (more: object): string => inputsOf(input, parseConfig({ ...base, ...more }).config)
      const { execution } = parseConfig({ ...base, profile: 'backtrader' }).config

      const hashes = [{}, { profile: 'backtrader' }, { profile: 'backtesting.py' }, { execution }].map(hashOf)

      expect(new Set(hashes).size).toBe(4)
      expect(hashOf({ profile: 'hotcell/v1' })).toBe(hashes[0])
      expect(hashOf({ profile: 'backtrader', execution })).toBe(hashes[1])
    },
  },
]

/** The list of ambiguous bars as the result wants it. */
function ambiguityOf(run: { ambiguity: { bars: readonly AmbiguousBar[]; count: number } }) {
  return { ambiguity: run.ambiguity.bars, ambiguityCount: run.ambiguity.count }
}

type AmbiguousBar = Parameters<typeof resultOf>[1] extends infer V
  ? V extends { ambiguity: readonly (infer B)[] }
    ? B
    : never
  : never
