import { streamState } from '../../src/math/random.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { createNodeHasher } from '../node-hasher.ts'
import type { EmptyRealm } from '../realm-host.ts'

/** What a worker thread holds for its tasks. */
export interface TaskContext {
  readonly mailbox: SharedArrayBuffer
  /** A realm for one use: the one that was made ahead, or a new one. */
  readonly takeRealm: (memoryBytes: number) => EmptyRealm
  /** Makes a realm ahead, for the next that is taken. */
  readonly spareRealm: (memoryBytes: number) => void
  /** Bytes that the process holds now. */
  readonly usedBytes: () => number
}

export function randomStateOf(config: RunConfig, label: string): number[] {
  return [...streamState({ seed: config.seed, label, createHasher: createNodeHasher })]
}
