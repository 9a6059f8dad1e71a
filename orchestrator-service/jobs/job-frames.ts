import { createHash } from 'node:crypto'
import { encodeEndFrame, encodeFundingFrame, encodeSeriesFrame } from '../../src/protocol/frames.ts'
import type { RunHeader, RunMode } from '../../src/protocol/header.ts'
import type { RunConfig, RunOptions } from '../../src/protocol/run-config.ts'
import type { RunData } from './collect-candles.ts'
import type { SandboxPolicy } from '../sandbox/policy.ts'

export interface HeaderRequest {
  readonly job: string
  readonly attempt?: number
  readonly mode: RunMode
  readonly config: RunConfig
  readonly options: RunOptions
}

export interface FrameWriter {
  /** Counts and hashes a frame and gives it back. */
  add(chunks: readonly Uint8Array[]): readonly Uint8Array[]
  end(): readonly Uint8Array[]
}

const MAX_DECISIONS = 1_000_000
const MAX_DECISIONS_PER_CALL = 1000
/** A run that is lost before this costs less than what it takes to keep a part of it. */
const CHECKPOINT_MS = 200

/** The header frame's payload for a job under a policy. */
export function buildHeader(
  request: HeaderRequest,
  policy: SandboxPolicy,
  instruments: RunHeader['instruments'],
): RunHeader {
  return {
    v: 1,
    mode: request.mode,
    job: request.job,
    attempt: request.attempt ?? 1,
    config: request.config,
    instruments,
    workers: request.options.workers ?? policy.cores,
    limits: {
      memoryBytes: policy.memoryBytes,
      barTimeMs: policy.barTimeMs,
      loadTimeMs: policy.loadTimeMs,
      logBytes: policy.logBytes,
      resultBytes: policy.stdoutBytes,
      checkpointBytes: policy.checkpointBytes,
      checkpointMs: CHECKPOINT_MS,
      maxDecisions: MAX_DECISIONS,
      maxDecisionsPerCall: MAX_DECISIONS_PER_CALL,
    },
  }
}

/** Series frames of a run in the order in which they are hashed: candles, marks, funding, detail candles. */
export function* seriesFrames(data: Pick<RunData, 'series' | 'marks' | 'funding' | 'detail'>): Generator<Uint8Array[]> {
  for (const one of data.series) yield encodeSeriesFrame(one, 'base')
  for (const one of data.marks) if (one !== null) yield encodeSeriesFrame(one, 'mark')
  for (const one of data.funding) if (one !== null) yield encodeFundingFrame(one)
  for (const one of data.detail) if (one !== null) yield encodeSeriesFrame(one, 'detail')
}

/** Frames of a job in order, with the end mark that counts and hashes them. */
export function createFrameWriter(): FrameWriter {
  const hash = createHash('sha256')
  let frames = 0
  return {
    add(chunks) {
      for (const chunk of chunks) hash.update(chunk)
      frames += 1
      return chunks
    },
    end: () => encodeEndFrame(frames, hash.digest('hex')),
  }
}
