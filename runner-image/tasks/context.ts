import type IsolatedVm from 'isolated-vm'
import { streamState } from '../../src/math/random.ts'
import type { RunConfig } from '../../src/protocol/run-config.ts'
import { createNodeHasher } from '../node-hasher.ts'

/** What a worker thread holds for its tasks. */
export interface TaskContext {
  readonly mailbox: SharedArrayBuffer
  /** isolated-vm, loaded when the first strategy of a user needs it. */
  readonly ivm: () => typeof IsolatedVm
  /** Text of the realm's script. */
  readonly script: () => string
  /** Bytes that the process holds now. */
  readonly usedBytes: () => number
}

export function randomStateOf(config: RunConfig, label: string): number[] {
  return [...streamState({ seed: config.seed, label, createHasher: createNodeHasher })]
}
