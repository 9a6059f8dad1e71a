import type { Comparison } from '../../../src/protocol/comparison.ts'
import type { PlatformError } from '../../../src/errors.ts'

/** What a thread is asked to compare; ids are those of jobs that whoever asks may see. */
export interface CompareTask {
  readonly dataDir: string
  readonly runs: readonly { readonly id: string; readonly quote: string | null }[]
  /** Recorded runs that count as trials, those of `runs` among them. */
  readonly trials: readonly string[]
  readonly trialsCapped: boolean
}

export type CompareAnswer =
  | { readonly ok: true; readonly comparison: Comparison }
  | { readonly ok: false; readonly error: ReturnType<PlatformError['toJSON']> }
