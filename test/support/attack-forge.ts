import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { encodeDecisionLog, packDecisions } from '../../src/backtest/decision-codec.ts'
import type { DecisionRow } from '../../src/backtest/decision-log.ts'
import { playTimeline } from '../../src/backtest/play-timeline.ts'
import { ENGINE, RULE_SET } from '../../src/backtest/rule-set.ts'
import { resolveWindow } from '../../src/backtest/window.ts'
import type { CandleSeries } from '../../src/candles/series.ts'
import type { CreateHasher } from '../../src/math/hasher.ts'
import { FrameParser } from '../../src/protocol/frame-parser.ts'
import type { RunHeader } from '../../src/protocol/header.ts'
import type { RunnerResult } from '../../src/protocol/runner-result.ts'
import { hashSeries } from '../../src/verification/hash-series.ts'

/**
 * What a cell needs to make a result document by itself: reading the series, and computing the result that the rules give
 * for decisions of its choice. An attack then changes the document where it wants to gain.
 */
const createHasher: CreateHasher = () => {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.copy().digest('hex') }
}

/** Reads the rest of stdin; `headerFrame` are the bytes that were read before. */
export function readSeries(headerFrame: Uint8Array): CandleSeries[] {
  const series: CandleSeries[] = []
  const parser = new FrameParser({
    handlers: { header: () => {}, series: (one) => series.push(one), funding: () => {}, end: () => {} },
    hasher: createHasher(),
  })
  parser.push(headerFrame)
  const chunk = Buffer.alloc(1 << 20)
  while (!parser.ended) {
    const read = readSync(0, chunk, 0, chunk.length, null)
    if (read === 0) break
    parser.push(chunk.subarray(0, read))
  }
  return series
}

/** The document that an honest cell writes for these decisions, with nothing of the strategy's lookback. */
export function forgeResult(
  header: RunHeader,
  series: readonly CandleSeries[],
  rows: readonly DecisionRow[],
): RunnerResult {
  const { config, instruments } = header
  const window = resolveWindow({ ...config, lookback: 0, series })
  if (window === null) throw new Error('no window')
  const decisions = packDecisions(rows)
  const played = playTimeline({ config, series, window, lookback: 0, instruments, decisions })
  const equity = createHash('sha256').update(new Uint8Array(played.equity.buffer, 0, played.equity.byteLength))
  return {
    v: 1,
    outcome: { kind: 'ok', reason: null, message: '', hint: null, location: null, lastBarTime: null },
    usage: { cpuNanos: 1, peakMemoryBytes: 1, bars: series[0]?.rows ?? 0 },
    ruleSet: RULE_SET,
    engine: ENGINE,
    lookback: 0,
    symbols: [...config.symbols],
    seriesHashes: series.map((one) => ({
      symbol: one.symbol,
      interval: one.interval,
      kind: 'base',
      rows: one.rows,
      sha256: hashSeries(one, createHasher),
    })),
    decisions: encodeDecisionLog(decisions),
    records: Buffer.from(played.records).toString('base64'),
    recordCount: played.recordCount,
    equityHash: equity.digest('hex'),
  }
}
