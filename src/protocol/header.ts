import type { Instrument } from '../instruments/instrument.ts'
import type { RunConfig } from './run-config.ts'

export const RUN_MODES = ['run', 'inspect', 'proof'] as const
export type RunMode = (typeof RUN_MODES)[number]

/** Limits that the runner itself enforces or needs; all in the units of their names. */
export interface RunnerLimits {
  readonly memoryBytes: number
  readonly barTimeMs: number
  readonly loadTimeMs: number
  readonly logBytes: number
  readonly resultBytes: number
  /** Of all `checkpoint` lines together; what would not fit is not sent. */
  readonly checkpointBytes: number
  /** Finished units whose decisions took less than this together wait for others before they are sent. */
  readonly checkpointMs: number
  readonly maxDecisions: number
  readonly maxDecisionsPerCall: number
}

/** Payload of the `header` frame (JSON): everything of a job but its candles. Written by the host, trusted by the runner. */
export interface RunHeader {
  readonly v: 1
  readonly mode: RunMode
  readonly job: string
  readonly attempt: number
  readonly config: RunConfig
  /** One entry a symbol of config.symbols, in that order; null: no instrument data. */
  readonly instruments: readonly (Instrument | null)[]
  readonly workers: number
  readonly limits: RunnerLimits
}
