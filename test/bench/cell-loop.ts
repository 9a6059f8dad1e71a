import { readAttestation } from '../../runner-image/attestation.ts'
import { writeEvent, writeFully } from '../../runner-image/event-writer.ts'
import { StdinReader } from '../../runner-image/stdin-reader.ts'
import { runHandwrittenLoop } from './handwritten-loop.ts'

// The program of the baseline cell: reads the same frames as the runner, runs the loop once, as cold as the engine's, and reports.
const attestation = readAttestation()
writeEvent({ type: 'attestation', attestation })
const reader = new StdinReader(attestation.memoryBytes * 0.75)
const { config } = reader.readHeader()
reader.readSeries({ onBegin: () => {}, onProgress: () => {} })
const { fast, slow, tpPct, slPct } = config.strategy.params
const { fills, finalEquity, ms } = runHandwrittenLoop(reader.series[0]!, {
  fast: Number(fast),
  slow: Number(slow),
  // A built-in sets no bracket
  tpPct: Number(tpPct ?? Number.NaN),
  slPct: Number(slPct ?? Number.NaN),
  cash: config.initialCash,
  fee: Number(config.fee.params?.['taker']),
  slippageBps: Number(config.slippage.params?.['bps']),
})
writeFully(1, Buffer.from(JSON.stringify({ fills, finalEquity, ms })))
